"""A real Kafka node that lets nobody in without TLS and a name: SASL on one port, certificates on another."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka.admin import UserScramCredentialUpsertion

from deploy.kafka.broker import HOST, Seat
from deploy.kafka.cluster import Cluster, running
from tests.servers.kafka import or_skip
from tests.servers.kafka_clients import admin

PASSWORD = "correct horse battery staple"
OPS = "ops"
"""The cluster's administrator, by SASL PLAIN."""
# kafka-python 3.0.12 leaves the socket of a failed handshake to the garbage collector. Not ours.
_LEFT_OPEN = r"ignore:unclosed <ssl\.SSLSocket:ResourceWarning"
_LOGIN = "org.apache.kafka.common.security"


@dataclass(frozen=True, slots=True)
class Certificates:
    """An authority of the test's own, and what it has signed."""

    directory: Path

    @property
    def authority(self) -> Path:
        return self.directory / "authority.pem"

    def certificate(self, name: str) -> Path:
        return self.directory / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self.directory / f"{name}.key"


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """The node, and what a client needs to be let in."""

    cluster: Cluster
    certificates: Certificates

    @property
    def unsecured(self) -> str:
        """Where the test's administrator goes in without a name."""
        return self.cluster.bootstrap

    @property
    def sasl(self) -> str:
        return f"{HOST}:{_sasl_port(self._seat)}"

    @property
    def sasl_port(self) -> int:
        return _sasl_port(self._seat)

    @property
    def tls(self) -> str:
        return f"{HOST}:{_tls_port(self._seat)}"

    @property
    def _seat(self) -> Seat:
        return self.cluster.brokers[0].seat

    def let_in(self, user: str, password: str = PASSWORD) -> None:
        """Give that user this password, whatever it was before."""
        wanted = UserScramCredentialUpsertion(user, "SCRAM-SHA-512", password)
        with admin(self.unsecured) as client:
            client.alter_user_scram_credentials([wanted])


@pytest.fixture(scope="session")
def secured_kafka(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[SecuredKafka]:
    """One node for all that ask in this worker; some six seconds."""
    or_skip(request.config)
    request.config.addinivalue_line("filterwarnings", _LEFT_OPEN)
    with secured(tmp_path_factory.mktemp("secured")) as node:
        yield node


@contextmanager
def secured(directory: Path) -> Iterator[SecuredKafka]:
    certificates = made_certificates(directory, "node", "relay")
    seat = Cluster(directory / "kafka").brokers[0].seat
    settings = _listening(seat) | _keys(certificates) | _names()
    with running(Cluster(directory / "kafka", settings=settings)) as cluster:
        yield SecuredKafka(cluster, certificates)


def _sasl_port(seat: Seat) -> int:
    """No proxy stands before this node: its two ports are free."""
    return seat.proxied_port


def _tls_port(seat: Seat) -> int:
    return seat.proxy_port


def _listening(seat: Seat) -> dict[str, str]:
    ports = {"PLAINTEXT": seat.port, "NAMED": _sasl_port(seat), "CERTIFIED": _tls_port(seat)}
    listed = ",".join(
        f"{name}://{HOST}:{port}"
        for name, port in (ports | {"CONTROLLER": seat.controller_port}).items()
    )
    return {
        "listeners": listed,
        "advertised.listeners": listed,
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,NAMED:SASL_SSL,CERTIFIED:SSL,CONTROLLER:PLAINTEXT",
    }


def _keys(certificates: Certificates) -> dict[str, str]:
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificates.directory / "node.store"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.authority),
        "listener.name.certified.ssl.client.auth": "required",
    }


def _names() -> dict[str, str]:
    plain = f'{_LOGIN}.plain.PlainLoginModule required user_{OPS}="{PASSWORD}";'
    return {
        "listener.name.named.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "listener.name.named.scram-sha-512.sasl.jaas.config": f"{_LOGIN}.scram.ScramLoginModule required;",
        "listener.name.named.plain.sasl.jaas.config": plain,
        "super.users": f"User:ANONYMOUS;User:{OPS}",
    }


def made_certificates(directory: Path, *names: str) -> Certificates:
    """Keys and certificates of these names, for a day, for this machine's own address."""
    made = Certificates(directory)
    signer = ec.generate_private_key(ec.SECP256R1())
    authority = _certified("authority", signer, "authority", signer)
    made.authority.write_bytes(authority)
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        certificate = _certified(name, key, "authority", signer)
        made.key(name).write_bytes(private)
        made.certificate(name).write_bytes(certificate)
        (directory / f"{name}.store").write_bytes(private + certificate)
    return made


def _certified(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    signer: ec.EllipticCurvePrivateKey,
) -> bytes:
    now = datetime.now(UTC)
    building = (
        x509.CertificateBuilder()
        .subject_name(_called(name))
        .issuer_name(_called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    return building.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
