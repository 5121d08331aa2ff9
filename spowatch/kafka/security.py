"""What lets a client of ours in at the brokers, from the settings: certificates, user, password."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import structlog

from consumers.broker_trouble import BrokerTrouble
from consumers.kafka_reach import Reach
from spowatch.settings.faults import SettingsError
from spowatch.settings.root import (
    EmbeddedTransport,
    KafkaSecurity,
    KafkaTransport,
    PlaintextSecurity,
    SaslTlsSecurity,
    TlsSecurity,
    Transport,
)

_log = structlog.get_logger()
_PREFIX = "SPO_TRANSPORT__SECURITY__"


def reach_of(kafka: KafkaTransport) -> Reach:
    """How the brokers of these settings are reached. Says so where nothing guards the way."""
    if isinstance(kafka.security, PlaintextSecurity) and not _all_here(kafka.brokers):
        _log.warning(
            "broker without encryption",
            remedy=f"set {_PREFIX}KIND to tls or sasl_tls: whoever is on the way can read and forge",
        )
    return Reach(kafka.brokers, partial(_clients_settings, kafka.security))


def reach_at(bootstrap: str | None, transport: Transport) -> Reach:
    """The brokers at `bootstrap`, else those of the settings; let in as the settings say.

    Raises `SettingsError` where neither names a broker.
    """
    match transport:
        case KafkaTransport() as kafka:
            return reach_of(kafka.model_copy(update={"bootstrap": bootstrap or kafka.bootstrap}))
        case EmbeddedTransport() if bootstrap is not None:
            return reach_of(KafkaTransport(kind="kafka", bootstrap=bootstrap))
        case EmbeddedTransport():
            msg = "no broker: give --bootstrap, or set SPO_TRANSPORT__KIND=kafka and its BOOTSTRAP"
            raise SettingsError(msg)


def _clients_settings(security: KafkaSecurity) -> Mapping[str, Any]:
    """Raises `BrokerTrouble` when a file of theirs cannot be used."""
    match security:
        case PlaintextSecurity():
            return {"security_protocol": "PLAINTEXT"}
        case TlsSecurity():
            return {"security_protocol": "SSL", "ssl_context": _tls(security)}
        case SaslTlsSecurity():
            return {
                "security_protocol": "SASL_SSL",
                "ssl_context": _tls(security),
                "sasl_mechanism": security.mechanism,
                "sasl_plain_username": security.user,
                "sasl_plain_password": _password(security),
            }


def _tls(security: TlsSecurity | SaslTlsSecurity) -> ssl.SSLContext:
    """TLS 1.2 at least, and a broker that is who it says."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if security.ca_file is None:
        context.load_default_certs()
    else:
        with _reading("CA_FILE"):
            context.load_verify_locations(security.ca_file)
    if security.cert_file is not None:
        with _reading("CERT_FILE and KEY_FILE"):
            context.load_cert_chain(security.cert_file, security.key_file, password="")
    return context


def _password(security: SaslTlsSecurity) -> str:
    if security.password is not None:
        return security.password.get_secret_value()
    with _reading("PASSWORD_FILE"):
        return Path(str(security.password_file)).read_text(encoding="utf-8").strip("\r\n")


@contextmanager
def _reading(setting: str) -> Iterator[None]:
    """A file that cannot be used, in words that name its setting."""
    try:
        yield
    except (OSError, ValueError) as fault:  # an ssl.SSLError is an OSError
        msg = f"{_PREFIX}{setting}: cannot be used: {_reason(fault)}"
        raise BrokerTrouble(msg) from None


def _reason(fault: OSError | ValueError) -> str:
    if isinstance(fault, ssl.SSLError) or not isinstance(fault, OSError):
        return "it does not hold what it should, as PEM without a passphrase"
    return fault.strerror or type(fault).__name__


def _all_here(brokers: Sequence[str]) -> bool:
    """Whether none of them is on another machine; a name that is no address may be anywhere."""
    return all(_is_loopback(each.rpartition(":")[0]) for each in brokers)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
