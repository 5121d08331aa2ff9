"""Whether the certificates that the settings name are good for a while yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.x509 import load_pem_x509_certificates

from spowatch.doctor.upkeep import Finding
from spowatch.settings.root import KafkaTransport, PlaintextSecurity, Settings

_AHEAD = timedelta(days=14)
_REMEDY = "put one there that lasts, PEM, and restart the role that uses it"


def certificates(settings: Settings, now: datetime) -> Finding:
    """The file that is no good first. Raises `OSError`."""
    ends = []
    for setting, path in _named(settings):
        try:
            ends.append((_good_until(path, authority=setting.endswith("CA_FILE")), setting))
        except ValueError:
            return "certificates", False, f"{setting}: holds no certificate", _REMEDY
    if not ends:
        return "certificates", True, "none is set", ""
    end, setting = min(ends)
    found = f"{setting}: {'ran' if end <= now else 'runs'} out at {end:%Y-%m-%dT%H:%MZ}"
    return "certificates", end - now > _AHEAD, found, _REMEDY


def _good_until(path: Path, *, authority: bool) -> datetime:
    """A chain is as good as its worst, a list of authorities while one is left."""
    ends = [each.not_valid_after_utc for each in load_pem_x509_certificates(path.read_bytes())]
    return max(ends) if authority else min(ends)


def _named(settings: Settings) -> Iterator[tuple[str, Path]]:
    if settings.http.tls is not None:
        yield "SPO_HTTP__TLS__CERT_FILE", settings.http.tls.cert_file
    if not isinstance(settings.transport, KafkaTransport):
        return
    security = settings.transport.security
    if isinstance(security, PlaintextSecurity):
        return
    for name, path in (("CA_FILE", security.ca_file), ("CERT_FILE", security.cert_file)):
        if path is not None:
            yield f"SPO_TRANSPORT__SECURITY__{name}", path
