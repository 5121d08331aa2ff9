"""Settings of what goes out of the house: who is told, by which way, and what of."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from domain.forces import find_force
from spowatch.settings.faults import PREFIX
from spowatch.settings.policy import PolicySettings
from spowatch.settings.url import MOST_PORTS, Url

_KEY_TAIL = 73
"""Two ids of 36 characters and a hyphen."""


def _notify_key(key: SecretStr) -> SecretStr:
    tail = key.get_secret_value()[-_KEY_TAIL:]
    ids = [tail[:36], tail[37:]]
    if len(tail) < _KEY_TAIL or any(each.count("-") != 4 for each in ids):  # noqa: PLR2004 - of a UUID
        msg = "is no key of GOV.UK Notify: a name and two ids, as its API keys page shows it once"
        raise ValueError(msg)
    return key


def _mailbox(address: SecretStr) -> SecretStr:
    name, at, domain = address.get_secret_value().rpartition("@")
    if not (name and at and domain) or any(each.isspace() for each in address.get_secret_value()):
        msg = "must be a mail address, such as duty@force.example"
        raise ValueError(msg)
    return address


def _forces(names: str) -> str:
    unknown = [each for each in _listed(names) if find_force(each) is None]
    if unknown:
        msg = f"there is no force {unknown[0]!r}; see docs/reference/forces.md"
        raise ValueError(msg)
    return names


def _listed(names: str) -> list[str]:
    return [each.strip() for each in names.split(",") if each.strip()]


Mailbox = Annotated[SecretStr, AfterValidator(_mailbox)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
"""A receiver's: it goes on record, so it names a desk or a partner, not a person."""


class Told(BaseModel):
    """What a receiver is told of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least: int = Field(default=4, ge=1, le=4, description="The least urgent priority told of")
    forces: Annotated[str, AfterValidator(_forces)] = Field(
        default="", description="Whose alerts, with commas; unset is every force's"
    )

    @property
    def of_forces(self) -> frozenset[str]:
        found = (find_force(each) for each in _listed(self.forces))
        return frozenset(force.name for force in found if force is not None)


class Signed(Told):
    """What is posted is signed (Standard Webhooks)."""

    key: SecretStr | None = Field(
        default=None, description="whsec_ (HMAC) or whsk_ (Ed25519); made in `data_dir` when unset"
    )
    next_key: SecretStr | None = Field(
        default=None, description="Signed with as well, while the receiver changes keys"
    )
    inside: bool = Field(default=False, description="Whether it may be in our own network")
    authority: Path | None = Field(default=None, description="Certificates to trust instead")

    def may_be_inside(self, url: SecretStr) -> bool:
        """Loopback written as an address can be meant by nobody else."""
        return self.inside or _is_loopback(urlsplit(url.get_secret_value()).hostname or "")


class WebhookSettings(Signed):
    """A receiver outside that is told of every alert, thinly."""

    url: Url = Field(description="https; a receiver on loopback may do without")


class MailSettings(Told):
    """Mailboxes, by the force's own mail server."""

    host: str = Field(min_length=1, description="The SMTP server")
    port: int = Field(default=587, ge=1, le=MOST_PORTS, description="The port of that server")
    sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] = Field(
        description="The address it is from"
    )
    tls: bool = Field(default=True, description="STARTTLS first; `false` for a server on loopback")
    user: str | None = Field(default=None, description="How that server knows us; with PASSWORD")
    password: SecretStr | None = Field(default=None, description="With USER")
    to: dict[Name, Mailbox] = Field(
        default_factory=dict,
        description="`SPO_MAIL__TO__DUTY` is the mailbox called duty; none needed beside a policy",
    )

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if (self.user is None) != (self.password is None):
            msg = "give both of its USER and PASSWORD, or neither"
            raise ValueError(msg)
        if not self.tls and not _is_loopback(self.host):
            msg = "its TLS may be off only for a server on loopback"
            raise ValueError(msg)
        return self


class TextSettings(Told):
    """Telephones, by text message through GOV.UK Notify."""

    api_key: Annotated[SecretStr, AfterValidator(_notify_key)] = Field(
        description="As GOV.UK Notify made it for the service"
    )
    template: str = Field(min_length=1, description="Takes `headline` and `alert`")
    api: str | None = Field(
        default=None, description="Another address of Notify's, such as a gateway's"
    )
    least: int = Field(default=2, ge=1, le=4, description="The least urgent priority told of")
    to: dict[Name, SecretStr] = Field(
        default_factory=dict,
        description="`SPO_TEXT__TO__DUTY` is the telephone called duty; none needed beside a policy",
    )


class CapSettings(Signed):
    """Partners that take alerts as CAP 1.2, each at a URL of its own."""

    sender: Annotated[str, Field(pattern=r"^[^\s,<&]+$")] = Field(
        description="Who we are, as agreed with them"
    )
    to: dict[Name, Url] = Field(
        min_length=1, description="`SPO_CAP__TO__ESSEX` is where the partner essex takes them"
    )


class HmppsSettings(Signed):
    """HM Prison and Probation Service: raised and withdrawn alerts as its domain events."""

    url: Url = Field(description="Where its gateway takes domain events")
    detail_url: str | None = Field(
        default=None, description="Where the rest is read after signing in; named in each event"
    )


class TransferSettings(Signed):
    """Systems of other forces that alerts are handed over to; the shape of MAIT, not MAIT itself."""

    sender: Annotated[str, Field(pattern=r"^[^\s<&]+$")] = Field(
        description="Our agency's identifier, as agreed"
    )
    to: dict[Name, Url] = Field(
        min_length=1,
        description="`SPO_TRANSFER__TO__ESSEX` is where that force's system takes them",
    )

    @model_validator(mode="after")
    def _to_forces(self) -> Self:
        for name in self.to:
            force_named(name)
        return self


def force_named(name: str) -> str:
    """`dyfed-powys` and `north_wales` as people write them. Raises `ValueError` for no force."""
    found = find_force(name.replace("_", " ")) or find_force(name)
    if found is None:
        msg = f"there is no force {name!r}; see docs/reference/forces.md"
        raise ValueError(msg)
    return found.name


class ReceiverSettings(BaseModel):
    """Everybody outside who is told of alerts. Any number of them at once; none unless set.

    The rota of a policy says who is reached by mail and text; without one the settings do.
    """

    webhook: WebhookSettings | None = None
    mail: MailSettings | None = None
    text: TextSettings | None = None
    cap: CapSettings | None = None
    hmpps: HmppsSettings | None = None
    transfer: TransferSettings | None = None
    policy: PolicySettings | None = None

    @model_validator(mode="after")
    def _somebody_is_reached(self) -> Self:
        for name, way in {"MAIL__TO__DUTY": self.mail, "TEXT__TO__DUTY": self.text}.items():
            if self.policy is None and way is not None and not way.to:
                msg = f"{PREFIX}{name}: name somebody to reach, or set {PREFIX}POLICY__FILE with a rota"
                raise ValueError(msg)
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
