"""Settings of sign-in: a demonstration's, and that of a force with a provider of its own."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from domain.access import MACHINES, PEOPLE, Role
from domain.forces import find_force

_MACHINE = re.compile(r"(?P<role>\w+)(@(?P<force>.+))?")


class DemoSignIn(BaseModel):
    """Anybody on this machine signs in as anybody: for a demonstration, on loopback alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["demo"] = "demo"


def _table(given: object) -> object:
    """`name=value` with commas between, as a variable holds it; a settings file has a table."""
    if not isinstance(given, str):
        return given
    pairs = [each.partition("=") for each in given.split(",") if each.strip()]
    return {name.strip(): value.strip() for name, _, value in pairs}


Pairs = Annotated[dict[str, str], BeforeValidator(_table)]


class OidcSignIn(BaseModel):
    """People sign in at the force's OpenID Connect provider, programs bring its tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["oidc"]
    issuer: str = Field(description="The provider, exactly as its discovery document names it")
    client_id: str = Field(min_length=1, description="How the provider knows us")
    client_secret: SecretStr | None = Field(default=None, description="Or CLIENT_SECRET_FILE")
    client_secret_file: Path | None = Field(default=None, description="Mode 0600")
    address: str = Field(description="Where browsers find us, such as https://spo.example")
    roles: Pairs = Field(
        description="group=role, with commas; of several groups the first one named here counts"
    )
    machines: Pairs = Field(
        default={}, description="client=role@force, with commas; without @force for every force"
    )
    audience: str | None = Field(
        default=None, description="What the tokens of programs must be for; none are taken unset"
    )
    everywhere: str | None = Field(
        default=None, description="The group whose members see the boards of every force"
    )
    scope: str = Field(default="openid profile groups", description="What is asked of the provider")
    staff_claim: str = Field(default="staff_number", description="The claim with the number")
    force_claim: str = Field(default="force", description="The claim with the force")
    groups_claim: str = Field(default="groups", description="The claim with the groups")

    @field_validator("issuer", "address")
    @classmethod
    def _over_tls(cls, given: str) -> str:
        parts = urlsplit(given)
        here = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if not parts.hostname or not (parts.scheme == "https" or here):
            msg = "must be an https address (http is for this machine alone)"
            raise ValueError(msg)
        return given

    @field_validator("address")
    @classmethod
    def _plain(cls, given: str) -> str:
        return given.rstrip("/")

    @field_validator("roles")
    @classmethod
    def _of_people(cls, given: dict[str, str]) -> dict[str, str]:
        known = sorted(map(str, PEOPLE))
        if not given or not set(given.values()) <= set(known):
            msg = f"must be group=role, with roles from {', '.join(known)}"
            raise ValueError(msg)
        return given

    @field_validator("machines")
    @classmethod
    def _of_machines(cls, given: dict[str, str]) -> dict[str, str]:
        for value in given.values():
            said = _MACHINE.fullmatch(value)
            force = said["force"] if said else None
            if said is None or said["role"] not in set(map(str, MACHINES)):
                msg = (
                    f"must be client=role, with roles from {', '.join(sorted(map(str, MACHINES)))}"
                )
                raise ValueError(msg)
            if force is not None and find_force(force) is None:
                msg = "names a force that is not known; see docs/reference/forces.md"
                raise ValueError(msg)
        return given

    @model_validator(mode="after")
    def _tokens_are_for_one(self) -> Self:
        if self.client_secret is not None and self.client_secret_file is not None:
            msg = "give one of its CLIENT_SECRET and CLIENT_SECRET_FILE"
            raise ValueError(msg)
        if self.audience == self.client_id:
            msg = "its AUDIENCE must differ from its CLIENT_ID, or a person's token would be a program's"
            raise ValueError(msg)
        if self.machines and self.audience is None:
            msg = "set its AUDIENCE: without one no program's token is taken"
            raise ValueError(msg)
        return self

    def role_of(self, group: str) -> Role:
        return Role(self.roles[group])

    def machine(self, client: str) -> tuple[Role, str]:
        """The role of that program, and its force as we call it; an empty one is every force."""
        role, _, force = self.machines[client].partition("@")
        known = find_force(force)
        return Role(role), "" if known is None else known.name


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
