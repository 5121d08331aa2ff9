"""One order the court made: its period, its terms by version, and how it was served."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from domain.calendar import end_of
from domain.conditions import DEFAULT_TERM, Condition
from domain.spells import Spell, covering


class OrderKind(StrEnum):
    INTERIM = "interim"
    FULL = "full"
    DAPO = "dapo"


class EndCause(StrEnum):
    """What ended an order before, or at, the end of its period."""

    EXPIRED = "expired"
    REPLACED = "replaced"
    DETERMINED = "determined"
    DISCHARGED = "discharged"
    QUASHED = "quashed"
    DIED = "died"


UNPROVEN_METHODS = frozenset({"post_deemed", "post", "email", "left_at_address"})
"""Ways of service that the Act does not authorise by themselves: proof comes before arrest."""


@dataclass(slots=True)
class Service:
    """A service of the order; `known_at` is when the police record showed it."""

    served_at: datetime
    known_at: datetime
    method: str | None = None
    proven: bool = True


@dataclass(slots=True)
class Terms:
    """The terms from one moment on; a new version at every variation."""

    version: int
    since: datetime
    conditions: tuple[Condition, ...]
    added: frozenset[str] = frozenset()
    known_to_defendant: bool = True
    served_at: datetime | None = None


@dataclass(slots=True)
class CourtOrder:
    """An interim, a full or a domestic abuse protection order, as the facts known now show it."""

    kind: OrderKind
    made_on: date
    start: datetime
    last_day: date | None
    defendant_present: bool | None
    replaces_interim: bool = False
    resident_ni: bool = False
    without_notice: bool = False
    made_on_appeal: bool = False
    ended_at: datetime | None = None
    end_cause: EndCause | None = None
    in_force_on: date | None = None
    replaced: "CourtOrder | None" = None
    terms: list[Terms] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    interrupted: list[Spell] = field(default_factory=list)
    """From a discharge to the appeal that undid it: nothing bound the person then."""
    before_section_4: "BeforeSection4 | None" = None
    name: str = field(init=False)
    """What findings call it; unique enough among the orders under one reference."""

    def __post_init__(self) -> None:
        self.name = f"{self.kind}-{self.made_on}"

    @property
    def period_end(self) -> datetime | None:
        return None if self.last_day is None else end_of(self.last_day)

    @property
    def end(self) -> datetime | None:
        """The first instant at which the order is no longer in force; None while open-ended."""
        period_end, ended_at = self.period_end, self.ended_at
        if ended_at is None or (period_end is not None and period_end < ended_at):
            return period_end
        return ended_at

    @property
    def cause_of_end(self) -> EndCause:
        """Why it ends; its own period, unless something came first."""
        period_end = self.period_end
        if self.ended_at is None or (period_end is not None and period_end < self.ended_at):
            return EndCause.EXPIRED
        return self.end_cause or EndCause.EXPIRED

    def in_force_at(self, instant: datetime) -> bool:
        end = self.end
        if covering(self.interrupted, instant) is not None:
            return False
        return self.start <= instant and (end is None or instant < end)

    def ended_by(self, instant: datetime) -> bool:
        end = self.end
        return end is not None and end <= instant

    def terminate(self, at: datetime, cause: EndCause) -> None:
        """End the order at `at`, unless it had ended before."""
        if self.in_force_at(at) or (self.end == at and cause is not EndCause.EXPIRED):
            self.ended_at, self.end_cause = at, cause

    def terms_at(self, instant: datetime) -> Terms:
        """The version that applied at `instant`."""
        current = self.terms[0]
        for terms in self.terms:
            if terms.since <= instant:
                current = terms
        return current

    def condition_at(self, code: str, instant: datetime) -> Condition | None:
        """The term with that code in force at `instant`, its own period considered (s.3(3))."""
        for condition in self.terms_at(instant).conditions:
            if condition.code == code and not _over(condition, instant):
                return condition
        return None

    def service(self) -> Service | None:
        """The service the clock runs from: the first, or the first proven one after doubtful."""
        proven = [service for service in self.services if service.proven]
        return min(proven or self.services, key=lambda service: service.served_at, default=None)

    def served_by(self, instant: datetime) -> Service | None:
        served = [service for service in self.services if service.served_at <= instant]
        proven = [service for service in served if service.proven]
        return min(proven or served, key=lambda service: service.served_at, default=None)

    def vary(self, since: datetime, change: "TermsChange") -> None:
        before = self.terms[-1]
        kept = tuple(c for c in before.conditions if c.code not in change.removes)
        self.terms.append(
            Terms(
                version=before.version + 1,
                since=since,
                conditions=kept + change.adds,
                added=frozenset(c.code for c in change.adds),
                known_to_defendant=change.known_to_defendant,
            )
        )

    def restate(
        self, since: datetime, conditions: tuple[Condition, ...], *, known_to_defendant: bool
    ) -> None:
        """The terms from `since` on are these, whatever they were."""
        now = self.terms[-1]
        added = frozenset(c.code for c in conditions if c not in now.conditions)
        self.terms.append(
            Terms(now.version + 1, since, conditions, added, known_to_defendant=known_to_defendant)
        )

    def about_to_change(self) -> None:
        """Keep how it stands, should the s.4 order that follows be quashed."""
        self.before_section_4 = BeforeSection4(self.last_day, self.terms[-1].conditions)

    def undo_section_4(self, at: datetime, *, known_to_defendant: bool) -> None:
        """Back, from `at` on, to how it stood before the last order under s.4 (s.7(4))."""
        before = self.before_section_4
        if before is None:
            return
        if self.end_cause is EndCause.DISCHARGED and self.ended_at is not None:
            self.interrupted.append(Spell(self.ended_at, at))
            self.ended_at = self.end_cause = None
        self.last_day, self.before_section_4 = before.last_day, None
        if before.conditions != self.terms[-1].conditions:
            self.restate(at, before.conditions, known_to_defendant=known_to_defendant)


@dataclass(frozen=True, slots=True)
class BeforeSection4:
    """What an order under s.4 may change: the end and the terms."""

    last_day: date | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class TermsChange:
    """What a variation adds and removes, and whether the defendant was there to hear it."""

    adds: tuple[Condition, ...]
    removes: tuple[str, ...]
    known_to_defendant: bool


def _over(condition: Condition, instant: datetime) -> bool:
    return condition.period is not None and end_of(condition.period.last_day) <= instant


def first_terms(start: datetime, conditions: tuple[Condition, ...] | None) -> Terms:
    """Version 1; a court record that lists no terms at all has the plainest one."""
    stated = (Condition(code=DEFAULT_TERM),) if conditions is None else conditions
    return Terms(version=1, since=start, conditions=stated)
