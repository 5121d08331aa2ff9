"""Who somebody is here, by what the force's sign-in says of their account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from domain.access import Role
from domain.facts.words import is_staff_number
from domain.forces import find_force
from web.access import Person
from web.attempts import Attempts
from web.provider import Provider
from web.tokens import Issuer, NotBelieved


class NoAccount(Exception):
    """The person is known there, and has no place here: no role, no force, or no number."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a program may do, and for which force; for every one when `force` is empty."""

    role: Role
    force: str = ""


@dataclass(frozen=True, slots=True)
class Accounts:
    """How the claims of the provider are read. Of several groups the first one named here counts."""

    roles: Mapping[str, Role]
    machines: Mapping[str, Machine] = field(default_factory=dict)
    everywhere: str | None = None
    """The group whose members see the boards of every force."""
    staff_claim: str = "staff_number"
    force_claim: str = "force"
    groups_claim: str = "groups"

    def person(self, claims: Mapping[str, Any], terminal: str) -> Person:
        """Raises `NoAccount`."""
        said = claims.get(self.groups_claim)
        groups = (
            {each for each in said if isinstance(each, str)} if isinstance(said, list) else set()
        )
        role = next((role for group, role in self.roles.items() if group in groups), None)
        staff, force = claims.get(self.staff_claim), claims.get(self.force_claim)
        known = find_force(force) if isinstance(force, str) else None
        if role is None or known is None:
            raise NoAccount
        if not isinstance(staff, str) or not is_staff_number(staff):
            raise NoAccount
        return Person(staff, role, known.name, terminal, everywhere=self.everywhere in groups)

    def machine(self, claims: Mapping[str, Any]) -> Person:
        """Raises `NotBelieved` for a program that has no place here."""
        name = claims["client_id"]
        known = self.machines.get(name)
        if known is None or not is_staff_number(name):
            raise NotBelieved
        return Person(name, known.role, known.force, "api", everywhere=not known.force)


@dataclass(frozen=True, slots=True)
class Identity:
    """Sign-in by a provider, as one thing. `address`: where browsers find us, without a last slash."""

    provider: Provider
    issuer: Issuer
    accounts: Accounts
    attempts: Attempts
    address: str
    audience: str | None

    def who(
        self, code: str, verifier: str, nonce: str, terminal: str
    ) -> tuple[Person, datetime | None]:
        """Who it is, and when they proved it there, where the provider says so (`auth_time`).

        Raises `ProviderDown`, `CodeRefused`, `NotBelieved`, `NoAccount`.
        """
        token = self.provider.exchanged(code, verifier)
        claims = self.issuer.identity(token, self.provider.client.client_id, nonce)
        return self.accounts.person(claims, terminal), _instant(claims.get("auth_time"))

    def program(self, token: str) -> tuple[Person, datetime]:
        """Who a program is, by its token, and until when. Raises `NotBelieved`, `ProviderDown`."""
        if self.audience is None:
            raise NotBelieved
        claims = self.issuer.access_token(token, self.audience)
        try:
            until = datetime.fromtimestamp(claims["exp"], UTC)
        except (ValueError, OverflowError, OSError):
            raise NotBelieved from None
        return self.accounts.machine(claims), until


def _instant(claim: object) -> datetime | None:
    if not isinstance(claim, int | float):
        return None
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (ValueError, OverflowError, OSError):
        return None
