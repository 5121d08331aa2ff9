"""Settings of the HTTP side: where it listens, and how people sign in."""

from ipaddress import ip_address
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

_HERE = "localhost"


class DemoSignIn(BaseModel):
    """Anybody on this machine signs in as anybody: for a demonstration, on loopback alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["demo"] = "demo"


class HttpSettings(BaseModel):
    """Where the pages and the API are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", description="The address to listen on")
    port: int = Field(default=8321, ge=0, le=65_535, description="The port; 0 takes a free one")
    sign_in: DemoSignIn = DemoSignIn()

    @field_validator("host")
    @classmethod
    def _demonstrated_here_alone(cls, host: str) -> str:
        if not _loopback(host):
            msg = "the demo sign-in lets anybody in: it must be 127.0.0.1, ::1 or localhost"
            raise ValueError(msg)
        return host

    @property
    def names(self) -> tuple[str, ...]:
        """What the server may be called in a request."""
        return tuple(dict.fromkeys((self.host, _HERE, "127.0.0.1", "::1")))


def _loopback(host: str) -> bool:
    if host == _HERE:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
