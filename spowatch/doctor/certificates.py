"""Whether the certificates that the settings name are good for a while yet."""

from datetime import datetime, timedelta

from spowatch.certificates import certificate_of_the_pages, other_certificates
from spowatch.doctor.in_time import Finding
from spowatch.settings.root import Settings

_AHEAD = timedelta(days=14)
_REMEDY = "docs/runbook/SpoCertificateEnding.md: put one there that lasts, PEM, and restart the roles that use it"


def certificates(settings: Settings, now: datetime) -> Finding:
    """The file that is no good first."""
    ends = []
    for file in (*certificate_of_the_pages(settings), *other_certificates(settings)):
        try:
            ends.append((file.good_until(), file.setting))
        except ValueError:
            return "certificates", False, f"{file.setting}: holds no certificate", _REMEDY
        except OSError as fault:
            return "certificates", False, f"{file.setting}: {fault.strerror}", _REMEDY
    if not ends:
        return "certificates", True, "none is set", ""
    end, setting = min(ends)
    found = f"{setting}: {'ran' if end <= now else 'runs'} out at {end:%Y-%m-%dT%H:%MZ}"
    return "certificates", end - now > _AHEAD, found, _REMEDY
