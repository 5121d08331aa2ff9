"""What a force decides about its desk: who answers, who is told next, who is on duty, how reached.

The book holds contact details of staff. Nothing of it but its version goes into the log; the policy an
alert runs under is kept in the alert.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from domain.alerts import Priority
from domain.desk.contacts import ContactMethod
from domain.desk.hands import DeskRole
from domain.desk.policies import STANDARD, EscalationPolicy, Policies
from domain.desk.rota import Rota, Shift, StandIn
from domain.facts.words import ShortText, StaffNumber
from domain.forces import FORCES, find_force
from domain.repeats import STANDARD_REPEATS, Repeats

_NAMES = {each.name.lower(): each for each in Priority}
_MUST_BE_FILLED = frozenset({DeskRole.OPERATOR, DeskRole.SUPERVISOR, DeskRole.DUTY_OFFICER})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _known(name: str) -> str:
    force = find_force(name)
    if force is None:
        msg = "there is no such force; see docs/reference/forces.md"
        raise ValueError(msg)
    return force.name


ForceName = Annotated[str, AfterValidator(_known)]


class ForcePolicy(_Part):
    """One force: its desk, its people and when they are on duty, and its own policies if it has any."""

    force: ForceName
    desk: ShortText | None = Field(default=None, description="The force's own name if left out")
    policies: dict[str, EscalationPolicy] = Field(default_factory=dict)
    shifts: tuple[Shift, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    holidays: frozenset[date] = frozenset()
    must_be_filled: frozenset[DeskRole] | None = Field(
        default=None,
        description="If left out, the desk's own and whoever a step of priority 1 tells",
    )
    people: dict[StaffNumber, tuple[ContactMethod, ...]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return _with_policy_names(given)

    def staff_of(self, role: DeskRole) -> tuple[str, ...]:
        """Everybody who ever has the role, each once."""
        spells: tuple[Shift | StandIn, ...] = (*self.shifts, *self.stand_ins)
        return tuple(dict.fromkeys(n for s in spells if s.role is role for n in s.staff))


class PolicyBook(_Part):
    """Every force's policy, by version; what it says of all holds where a force says nothing else."""

    version: int = Field(ge=1)
    look_ahead_hours: float = Field(
        default=12, gt=0, le=14 * 24, description="How long before a shift a gap in it is raised"
    )
    desk_of_others: ShortText | None = Field(
        default=None, description="The desk of forces not named here; each its own if left out"
    )
    holidays: frozenset[date] = frozenset()
    policies: dict[str, EscalationPolicy] = Field(default_factory=dict)
    repeats: Repeats = STANDARD_REPEATS
    forces: tuple[ForcePolicy, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return _with_policy_names(given)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [each.force for each in self.forces]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            msg = f"{', '.join(twice)}: named twice; a force has one entry"
            raise ValueError(msg)
        stated = [self.policies, *(each.policies for each in self.forces)]
        unknown = {name for policies in stated for name in policies} - set(_NAMES)
        if unknown:
            msg = f"policies: {', '.join(sorted(unknown))}: there are {', '.join(_NAMES)}"
            raise ValueError(msg)
        return self

    @property
    def look_ahead(self) -> timedelta:
        return timedelta(hours=self.look_ahead_hours)

    def policies_of(self, force: str) -> Policies:
        """By priority: the force's own, else the book's, else the standard ones."""
        own = self._by_name.get(force)
        stated = self.policies | (own.policies if own is not None else {})
        return {**STANDARD, **{_NAMES[name]: policy for name, policy in stated.items()}}

    def desk_of(self, force: str) -> str:
        own = self._by_name.get(force)
        return (self.desk_of_others if own is None else own.desk) or force

    def desks_of(self, forces: Iterable[str]) -> tuple[str, ...]:
        """The desks of these forces, each once."""
        return tuple(dict.fromkeys(map(self.desk_of, forces)))

    @cached_property
    def desks(self) -> frozenset[str]:
        """Every desk there is."""
        return frozenset(self.desk_of(each.name) for each in FORCES)

    @cached_property
    def rotas(self) -> Mapping[str, Rota]:
        """By force; none for a force that says nothing of its people."""
        told = {each.force: self._rota(each) for each in self.forces if each.shifts}
        return MappingProxyType(told)

    @property
    def channels(self) -> frozenset[str]:
        """Every channel by which somebody is reached."""
        people = (each for own in self.forces for each in own.people.values())
        return frozenset(method.channel for methods in people for method in methods)

    def on_duty(self, force: str, role: DeskRole, at: datetime) -> Iterator["OnDuty"]:
        """Who has the role then, in the order of the rota."""
        rota = self.rotas.get(force)
        for staff in rota.on_duty(role, at) if rota is not None else ():
            yield OnDuty(staff=staff, methods=rota.contacts.get(staff, ()) if rota else ())

    @cached_property
    def _by_name(self) -> Mapping[str, ForcePolicy]:
        return {each.force: each for each in self.forces}

    def _filled(self, own: ForcePolicy) -> frozenset[DeskRole]:
        """A step of priority 1 whose role nobody has lets time pass and tells nobody."""
        if own.must_be_filled is not None:
            return own.must_be_filled
        steps = self.policies_of(own.force)[Priority.IMMEDIATE].steps
        return _MUST_BE_FILLED | {step.tells for step in steps}

    def _rota(self, own: ForcePolicy) -> Rota:
        return Rota(
            force=own.force,
            shifts=own.shifts,
            stand_ins=own.stand_ins,
            holidays=self.holidays | own.holidays,
            contacts=own.people,
            must_be_filled=self._filled(own),
        )


class OnDuty(_Part):
    """A person on duty and how they are reached, the best way first."""

    staff: StaffNumber
    methods: tuple[ContactMethod, ...]


def _with_policy_names(given: Any) -> Any:
    """In a file a policy is named by the heading it stands under."""
    if not isinstance(given, dict) or not isinstance(given.get("policies"), dict):
        return given
    policies = {
        name: {"name": name, **each} if isinstance(each, dict) else each
        for name, each in given["policies"].items()
    }
    return {**given, "policies": policies}


STANDARD_BOOK = PolicyBook(version=1)
"""Where no policy file is set: the standard policies, every force a desk of its own, no rota."""
