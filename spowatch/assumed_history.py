"""The smallest lawful history before facts that start in the middle of an order's life."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from domain.calendar import anniversary, legal_day
from domain.facts import Fact, breaches, court, notification, service
from domain.regimes import EW_DAPO_2021, NI_PSA_2022, Regime
from domain.subjects import OF_THE_PERSON
from domain.vocabulary import Statement

_NEEDS_NO_ORDER: tuple[type[Fact], ...] = (
    *OF_THE_PERSON,
    court.RegimeSwitch,
    court.ExistingOrder,
    breaches.OffenceCommitted,
    breaches.ConvictedInMagistratesCourt,
)
_NEEDS_AN_APPLICATION = (court.ApplicationWithdrawn, court.ApplicationRefused, court.HearingListed)
_ABOUT_AN_INTERIM = (
    court.InterimRenewed,
    court.InterimVaried,
    court.InterimDischarged,
    court.InterimDischargeRefused,
    court.InterimExpired,
)
_UNDER_A_DAPO_TOO: tuple[type[Fact], ...] = (
    breaches.BreachReported,
    breaches.BreachRetracted,
    notification.NotificationReceived,
    notification.NameUsed,
    notification.HomeAddressChanged,
    notification.HomeAddressCeased,
    breaches.AppointmentMissed,
)
_CHANGES_A_DAPO_TOO: tuple[type[Fact], ...] = (
    court.OrderVaried,
    court.OrderRenewed,
    court.OrderDischarged,
    court.OrderExpired,
)
_LONG = 10
"""Years: longer than any case, shorter than a mistake in a year."""


def assumed_history(
    statements: Sequence[Statement], regime: Regime, *, force: str = ""
) -> list[Statement]:
    """What must have come before `statements` about one order; nothing where they say it.

    It is of `force`; where none is given nobody may go by whose order it says it is.
    """
    kinds = {type(statement.fact) for statement in statements}
    if kinds & {court.ApplicationMade, court.InterimOrderGranted, court.InterimApplied}:
        return []
    grants = [s for s in statements if isinstance(s.fact, court.FullOrderGranted)]
    if not grants:
        return list(_before(statements, regime, force))
    earlier = [s for s in statements if s.occurred_at < min(grant.t for grant in grants)]
    before = list(_before(earlier, regime, force))
    applied_for = [grant.t for grant in grants if _on_application(grant)]
    return before or [_application(at, regime, force) for at in sorted(applied_for)[:1]]


def evidences_an_order(statements: Sequence[Statement]) -> bool:
    """Whether the facts show that an order exists, as a mere report of a breach does not."""
    shows_nothing = (*_NEEDS_NO_ORDER, *_UNDER_A_DAPO_TOO)
    return any(not isinstance(statement.fact, shows_nothing) for statement in statements)


def _on_application(grant: Statement) -> bool:
    return isinstance(grant.fact, court.FullOrderGranted) and grant.fact.origin == "application"


def _before(statements: Sequence[Statement], regime: Regime, force: str) -> Iterator[Statement]:
    needing = [s for s in statements if _needs(s, regime, statements)]
    if not needing:
        return
    needing.sort(key=lambda statement: (statement.occurred_at, statement.fact.model_dump_json()))
    at = min(_earliest_word_of_it(statement) for statement in needing)
    first = next((s for s in needing if _tells_the_kind(s)), needing[0])
    if regime is EW_DAPO_2021 and _serves(first, "dapo"):
        yield _assumed(court.DAPOMade(made_on=legal_day(at), until="further_order"), at)
        return
    yield _application(at, regime, force)
    if all(_application_will_do(statement) for statement in needing):
        return
    if _is_interim(first):
        yield _interim(at)
        return
    if any(_says_it_replaces(statement) for statement in needing):
        yield _interim(at)
    yield _assumed(court.FullOrderGranted(made_on=legal_day(at), until="further_order"), at)


def _needs(statement: Statement, regime: Regime, statements: Sequence[Statement]) -> bool:
    if isinstance(statement.fact, _NEEDS_NO_ORDER):
        return False
    dapo = regime is EW_DAPO_2021 and any(isinstance(s.fact, court.DAPOMade) for s in statements)
    about_it = (*_UNDER_A_DAPO_TOO, *_CHANGES_A_DAPO_TOO)
    under_it = isinstance(statement.fact, about_it) or _serves(statement, "dapo")
    return not (dapo and under_it)


def _earliest_word_of_it(statement: Statement) -> datetime:
    if isinstance(statement.fact, service.ServiceCorrected):
        return min(statement.fact.served_at, statement.occurred_at)
    return statement.occurred_at


def _tells_the_kind(statement: Statement) -> bool:
    return _is_interim(statement) or isinstance(statement.fact, service.OrderServed)


def _application_will_do(statement: Statement) -> bool:
    fact = statement.fact
    refusal = isinstance(fact, court.AppealLodged) and fact.against.startswith("refusal_")
    return refusal or isinstance(fact, _NEEDS_AN_APPLICATION)


def _is_interim(statement: Statement) -> bool:
    fact = statement.fact
    appealed = isinstance(fact, court.AppealLodged) and "interim" in fact.against
    return appealed or isinstance(fact, _ABOUT_AN_INTERIM) or _serves(statement, "interim")


def _serves(statement: Statement, kind: str) -> bool:
    return isinstance(statement.fact, service.OrderServed) and statement.fact.order_kind == kind


def _says_it_replaces(statement: Statement) -> bool:
    fact = statement.fact
    return isinstance(fact, service.OrderServed) and (
        fact.order_kind == "full" and bool(fact.replaces_interim)
    )


def _application(at: datetime, regime: Regime, force: str) -> Statement:
    applicant = force or _APPLICANT.get(regime.name, "Kent")
    fact = court.ApplicationMade(
        applicant="chief_officer", force=applicant, nexus="resides", court="magistrates"
    )
    return _assumed(fact, at - timedelta(seconds=1))


_APPLICANT = MappingProxyType({NI_PSA_2022.name: "PSNI"})


def _interim(at: datetime) -> Statement:
    made_on = legal_day(at)
    last_day = anniversary(made_on, _LONG)
    return _assumed(court.InterimOrderGranted(made_on=made_on, last_day=last_day), at)


def _assumed(fact: Fact, at: datetime) -> Statement:
    return Statement(fact=fact, t=at, recorded_at=at, actor="assumed history", role="assumed")
