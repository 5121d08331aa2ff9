"""Certificates that the settings name: told until when each is good, and refused when it is not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from spowatch.certificates import CertificateFile
from spowatch.metrics.meters import Meters
from spowatch.settings.http import HttpSettings, TlsFiles
from spowatch.settings.outward import WebhookSettings
from spowatch.settings.root import KafkaTransport, PostgresLogSettings, Settings, TlsSecurity
from tests.servers.kafka_secured import Certificates, made_certificates

TOLD = "spo_certificate_expiry_timestamp_seconds"
PAGES = "SPO_HTTP__TLS__CERT_FILE"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """For a day."""
    return made_certificates(tmp_path_factory.mktemp("certificates"), "ours")


@pytest.fixture
def settings(made: Certificates) -> Settings:
    cert, ca = made.certificate("ours"), made.authority
    people = {"control": "operator"}
    sign_in = {
        "kind": "oidc",
        "issuer": "https://id.example",
        "client_id": "spowatch",
        "address": "https://spo.example",
        "roles": people,
    }
    return Settings(
        http=HttpSettings.model_validate(
            {"sign_in": sign_in, "tls": TlsFiles(cert_file=cert, key_file=made.key("ours"))}
        ),
        transport=KafkaTransport(
            kind="kafka", bootstrap="b:1", security=TlsSecurity(kind="tls", cert_file=cert)
        ),
        log=PostgresLogSettings(
            kind="postgres", dsn=SecretStr(f"dbname=spo sslcert={cert} sslrootcert=system")
        ),
        webhook=WebhookSettings(url=SecretStr("https://desk.example"), authority=ca),
    )


def told(settings: Settings, roles: list[str]) -> dict[str, float]:
    meters = Meters()
    meters.certificates.read(settings, roles)
    found = (sample for each in meters.registry.collect() for sample in each.samples)
    return {each.labels["setting"]: each.value for each in found if each.name == TOLD}


def test_each_certificate_is_told_by_the_setting_that_names_it(settings: Settings) -> None:
    ends = told(settings, ["api", "alert"])
    assert sorted(ends) == [
        PAGES,
        "SPO_LOG__DSN sslcert",
        "SPO_TRANSPORT__SECURITY__CERT_FILE",
        "SPO_WEBHOOK__AUTHORITY",
    ]
    in_a_day = (datetime.now(UTC) + timedelta(days=1)).timestamp()
    assert all(in_a_day - 600 < each <= in_a_day for each in ends.values())


def test_that_of_the_pages_is_told_by_who_serves_them_alone(settings: Settings) -> None:
    assert PAGES not in told(settings, ["alert"])


def test_one_that_cannot_be_read_is_told_as_one_that_ran_out(
    settings: Settings, tmp_path: Path
) -> None:
    nowhere = WebhookSettings(url=SecretStr("https://desk.example"), authority=tmp_path / "gone")
    assert told(settings.model_copy(update={"webhook": nowhere}), [])["SPO_WEBHOOK__AUTHORITY"] == 0


NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
OURS, BETWEEN, ROOT = ("ours", "between", 90), ("between", "root", 60), ("root", "root", -1)


def certified(name: str, issuer: str, days: int) -> bytes:
    """Of so many days more."""
    subject, signer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer)
    )
    building = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=365))
        .not_valid_after(NOW + timedelta(days=days))
    )
    return building.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize(
    ("chain", "days"),
    [
        ((OURS, BETWEEN, ROOT), 60),
        ((OURS, ROOT), 90),
        ((OURS, ("between", "root", -1)), -1),
        ((ROOT,), -1),
    ],
)
def test_a_chain_is_good_as_long_as_all_but_its_root(
    chain: tuple[tuple[str, str, int], ...], days: int, tmp_path: Path
) -> None:
    """Whoever is shown it looks the root up among their own; a certificate that signed itself is no chain."""
    file = tmp_path / "chain.pem"
    file.write_bytes(b"".join(certified(*each) for each in chain))
    assert CertificateFile(PAGES, file).good_until() == NOW + timedelta(days=days)
