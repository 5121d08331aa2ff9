"""Settings of the webhook: where alerts are posted, and what they are signed with."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class WebhookSettings(BaseModel):
    """A receiver outside that is told of every alert, thinly."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr = Field(description="https; a receiver on loopback may do without")
    key: SecretStr | None = Field(
        default=None, description="whsec_ (HMAC) or whsk_ (Ed25519); made in `data_dir` when unset"
    )
    next_key: SecretStr | None = Field(
        default=None, description="Signed with as well, while the receiver changes keys"
    )
    inside: bool = Field(default=False, description="Whether it may be in our own network")
    authority: Path | None = Field(default=None, description="Certificates to trust instead")

    @property
    def may_be_inside(self) -> bool:
        """Loopback written as an address can be meant by nobody else."""
        return self.inside or _is_loopback(urlsplit(self.url.get_secret_value()).hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
