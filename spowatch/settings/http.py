"""Settings of the HTTP side: where it listens, who may be in between, and how people sign in."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from spowatch.settings.sign_in import DemoSignIn, OidcSignIn, is_loopback


class WebCannotListen(OSError):
    """The address of the pages cannot be had; names the settings."""


class TlsFiles(BaseModel):
    """Our own certificate, where no proxy in front has one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cert_file: Path = Field(description="PEM of the certificate, with those that signed it")
    key_file: Path = Field(description="PEM of its key, mode 0600")


class RationSettings(BaseModel):
    """How much one person or program may ask in a minute; alerts and reports of breaches are not counted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reads: int = Field(default=600, ge=1, description="Records and lists that one person reads")
    commands: int = Field(default=600, ge=1, description="Facts that one person records")
    program_reads: int = Field(default=6_000, ge=1, description="The same, of one program")
    program_commands: int = Field(default=6_000, ge=1, description="The same, of one program")


SignIn = Annotated[
    Annotated[DemoSignIn, Tag("demo")] | Annotated[OidcSignIn, Tag("oidc")],
    Discriminator(
        lambda given: given.get("kind", "demo") if isinstance(given, dict) else given.kind
    ),
]


class HttpSettings(BaseModel):
    """Where the pages and the API are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    port: int = Field(default=8321, ge=0, le=65_535, description="The port; 0 takes a free one")
    sign_in: SignIn = DemoSignIn()
    tls: TlsFiles | None = None
    rations: RationSettings = RationSettings()
    trusted_proxies: str = Field(
        default="",
        description="Addresses, with commas, of the proxies in front that end TLS: what they say of "
        "who calls and by which scheme is believed, and nobody else is answered in the clear",
    )
    host: str = Field(
        default="127.0.0.1", validate_default=True, description="The address to listen on"
    )

    @field_validator("tls", "trusted_proxies")
    @classmethod
    def _not_for_a_demonstration(cls, given: Any, info: ValidationInfo) -> Any:
        """Either says that people come from elsewhere, be the host this machine alone: a proxy may be here."""
        if given and isinstance(info.data.get("sign_in"), DemoSignIn):
            msg = "the demo sign-in lets anybody in: set its SIGN_IN__KIND to oidc, or unset this"
            raise ValueError(msg)
        return given

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, given: str) -> str:
        for each in filter(None, map(str.strip, given.split(","))):
            try:
                ip_address(each)
            except ValueError:
                msg = "must be IP addresses with commas between"
                raise ValueError(msg) from None
        return given

    @field_validator("host")
    @classmethod
    def _in_the_clear_here_alone(cls, host: str, info: ValidationInfo) -> str:
        if is_loopback(host) or "sign_in" not in info.data:
            return host
        if isinstance(info.data["sign_in"], DemoSignIn):
            msg = "the demo sign-in lets anybody in: it must be 127.0.0.1, ::1 or localhost"
            raise ValueError(msg)  # noqa: TRY004 - a setting, not a type
        if info.data.get("tls") is None and not info.data.get("trusted_proxies"):
            msg = "beyond this machine there must be TLS: set its TLS or TRUSTED_PROXIES too"
            raise ValueError(msg)
        return host

    @property
    def names(self) -> tuple[str, ...]:
        """What the server may be called in a request."""
        ours = (self.host, "localhost", "127.0.0.1", "::1")
        known_as = (
            (urlsplit(self.sign_in.address).hostname or "",)
            if isinstance(self.sign_in, OidcSignIn)
            else ()
        )
        return tuple(dict.fromkeys((*ours, *known_as)))

    @property
    def over_tls_alone(self) -> bool:
        """Whether who comes in the clear is turned away."""
        return self.tls is not None or bool(self.trusted_proxies)

    @property
    def server(self) -> dict[str, Any]:
        """What the server is told of TLS and of proxies."""
        told: dict[str, Any] = {"proxy_headers": bool(self.trusted_proxies)}
        if self.trusted_proxies:
            told["forwarded_allow_ips"] = self.trusted_proxies
        if self.tls is not None:
            told |= {"ssl_certfile": self.tls.cert_file, "ssl_keyfile": self.tls.key_file}
        return told
