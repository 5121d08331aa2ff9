"""The certificates that the settings name, and when each is of no use any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates

from spowatch.dsn import words_of
from spowatch.settings.key import PostgresKeySettings
from spowatch.settings.outward import Signed
from spowatch.settings.root import (
    KafkaTransport,
    PlaintextSecurity,
    PostgresLogSettings,
    Settings,
)

_OF_A_SYSTEM = "system"
"""What libpq calls the authorities of the machine; they are in no file of ours."""


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """PEM; a list of authorities, or a certificate of ours with those that signed it."""

    setting: str
    path: Path
    authorities: bool = False

    def good_until(self) -> datetime:
        """A chain is as good as its worst, a list of authorities while one is left.

        The root at the end of a chain does not count: whoever is shown it goes by their own copy.
        Raises `OSError`, and `ValueError` where it holds none.
        """
        found = load_pem_x509_certificates(self.path.read_bytes())
        if self.authorities:
            return max(each.not_valid_after_utc for each in found)
        ours, *others = found
        signed = (each for each in others if each.issuer != each.subject)
        return min(each.not_valid_after_utc for each in (ours, *signed))


def certificate_of_the_pages(settings: Settings) -> Iterator[CertificateFile]:
    """None where a proxy in front has one, or nobody comes from elsewhere."""
    if settings.http.tls is not None:
        yield CertificateFile("SPO_HTTP__TLS__CERT_FILE", settings.http.tls.cert_file)


def other_certificates(settings: Settings) -> Iterator[CertificateFile]:
    """By which we are let in elsewhere, and by which we know who is there."""
    yield from _of_the_broker(settings)
    for name, part in (("LOG", settings.log), ("KEYS", settings.keys)):
        if isinstance(part, PostgresLogSettings | PostgresKeySettings):
            yield from _of_a_database(f"SPO_{name}__DSN", part.dsn.get_secret_value())
    for name in ("webhook", "cap", "hmpps", "transfer"):
        receiver = getattr(settings, name)
        if isinstance(receiver, Signed) and receiver.authority is not None:
            setting = f"SPO_{name.upper()}__AUTHORITY"
            yield CertificateFile(setting, receiver.authority, authorities=True)


def _of_the_broker(settings: Settings) -> Iterator[CertificateFile]:
    if not isinstance(settings.transport, KafkaTransport):
        return
    security = settings.transport.security
    if isinstance(security, PlaintextSecurity):
        return
    prefix = "SPO_TRANSPORT__SECURITY__"
    if security.ca_file is not None:
        yield CertificateFile(f"{prefix}CA_FILE", security.ca_file, authorities=True)
    if security.cert_file is not None:
        yield CertificateFile(f"{prefix}CERT_FILE", security.cert_file)


def _of_a_database(setting: str, dsn: str) -> Iterator[CertificateFile]:
    told = words_of(dsn)
    for name, authorities in (("sslcert", False), ("sslrootcert", True)):
        path = told.get(name)
        if path and path != _OF_A_SYSTEM:
            yield CertificateFile(f"{setting} {name}", Path(path), authorities)
