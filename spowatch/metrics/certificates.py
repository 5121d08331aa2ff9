"""When the certificates of a process run out, as it read them when it began: a new file is of use from a restart on."""

from collections.abc import Collection

from prometheus_client import CollectorRegistry, Gauge

from spowatch.certificates import certificate_of_the_pages, other_certificates
from spowatch.settings.root import Settings

OF_NO_USE = 0.0
"""What cannot be read is told as what ran out long ago, so that somebody looks."""


class CertificateMeters:
    """The label is the name of a setting."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.ends = Gauge(
            "spo_certificate_expiry_timestamp_seconds",
            "When the certificate that a setting names runs out, as this process read it when it began; 0 if it could not",
            ["setting"],
            registry=registry,
        )

    def read(self, settings: Settings, roles: Collection[str]) -> None:
        files = [*other_certificates(settings)]
        if "api" in roles:
            files += certificate_of_the_pages(settings)
        for file in files:
            try:
                end = file.good_until().timestamp()
            except (OSError, ValueError):
                end = OF_NO_USE
            self.ends.labels(file.setting).set(end)
