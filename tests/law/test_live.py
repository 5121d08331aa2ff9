"""The live register comes to what `what-if` says: imported, swept by its own agenda, put to the desk."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from consumers.arrest_desk import apply_to
from domain.alerts import ArrestAlert
from domain.batches import agendas, tell_time
from domain.deadlines import Due
from domain.dossier import subject_id
from domain.events import RecordedEvent
from domain.orders import StalkingProtectionOrder
from spowatch.answers import standing
from spowatch.facts_file import Line
from spowatch.importing import import_line
from spowatch.open_store import Store
from spowatch.what_if import what_if
from tests.law.comparing import Case, cases
from tests.stories import store_at

Said = dict[str, Any]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_at(tmp_path_factory.mktemp("live")) as store:
        yield store


def facts_known(case: Case) -> list[dict[str, Any]]:
    as_of = datetime.fromisoformat(case["as_of"])
    return [fact for fact in case["given"] if recorded_at(fact) <= as_of]


def recorded_at(fact: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(fact.get("data", {}).get("recorded_at", fact["t"]))


def names_orders(case: Case) -> bool:
    facts = (fact for fact in case["given"] if fact["type"] != "ExistingOrder")
    return any("order" in fact or "order_ref" in fact.get("data", {}) for fact in facts)


def lived(case: Case, store: Store) -> list[StalkingProtectionOrder]:
    """The person's orders: imported when the last fact was known, then swept up to `as_of`."""
    given = facts_known(case)
    person = f"PNC:{case['id']}"
    told = {"id": case["id"], "person": person, "regime": case["regime"], "given": given}
    outcome = import_line(Line(1, case=told), store.register, now=max(map(recorded_at, given)))
    assert outcome.error is None, outcome.error
    identities = store.register.subject(subject_id(person)).order_ids
    for identity in identities:
        sweep(store, identity, datetime.fromisoformat(case["as_of"]))
    return [store.register.order_by_id(identity) for identity in identities]


def anew(orders: list[StalkingProtectionOrder], store: Store) -> list[StalkingProtectionOrder]:
    """The same as they are read from the log, with nothing kept since they were entered."""
    return [store.register.read(StalkingProtectionOrder(each.id)) for each in orders]


def sweep(store: Store, order: UUID, until: datetime) -> None:
    """Tell it the time whenever its own agenda says that something is due, as the sweep does."""
    (agenda,) = agendas(store.register, [order], until).values()
    while due := min((d.due_at for d in agenda.deadlines if d.due_at <= until), default=None):
        now = Due(order, due, agenda.version)
        (agenda,) = tell_time(store.register, [now], due).values()


def said_of(orders: list[StalkingProtectionOrder], store: Store, as_of: datetime) -> Said:
    alerts: dict[UUID, ArrestAlert] = {}
    for order in orders:
        for recorded in cast("Iterator[RecordedEvent]", store.register.events.get(order.id)):
            apply_to(alerts, recorded, order, recorded.envelope.recorded_at)
    positions = [order.position(as_of) for order in orders]
    first = {"status": positions[0].status, "in_force": positions[0].in_force}
    return ordered(standing(positions, alerts.values()) | first)


def ordered(said: Said) -> Said:
    return said | {key: sorted(said[key], key=str) for key in ("duties", "alerts")}


OF_SENTENCES = {"OffenceCommitted", "ConvictedInMagistratesCourt"}
LIVE = [
    case
    for case in cases()
    if facts_known(case) and not OF_SENTENCES & {fact["type"] for fact in case["given"]}
]


@pytest.mark.parametrize("case", LIVE, ids=lambda case: str(case["id"]))
def test_the_live_register_says_what_the_law_cases_say(
    case: Case, shared: Store, tmp_path: Path
) -> None:
    if names_orders(case):
        with store_at(tmp_path) as store:
            live, read = lived_and_read(case, store)
    else:
        live, read = lived_and_read(case, shared)
    answer = ordered(what_if(case))
    assert live == {key: answer[key] for key in live}
    assert read == live


@pytest.mark.parametrize("first", [0, 1])
def test_two_grants_of_one_instant_come_to_the_same_whichever_line_is_first(
    first: int, tmp_path: Path
) -> None:
    t = "2026-11-20T14:00:00Z"
    applied = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    grants = [
        {"t": t, "type": "FullOrderGranted", "data": {"until": "further_order"}},
        {"t": t, "type": "FullOrderGranted", "data": {"last_day": "2029-11-19"}},
    ]
    given = [
        {"t": "2026-10-01T10:00:00Z", "type": "ApplicationMade", "data": applied},
        grants[first],
        grants[1 - first],
    ]
    case = {"id": "TWO", "regime": "EW-SPA-2019", "given": given, "as_of": "2030-01-31T00:00:00Z"}
    with store_at(tmp_path) as store:
        live, _ = lived_and_read(case, store)
    answer = ordered(what_if(case))
    assert live == {key: answer[key] for key in live}


def lived_and_read(case: Case, store: Store) -> tuple[Said, Said]:
    as_of = datetime.fromisoformat(case["as_of"])
    orders = lived(case, store)
    return said_of(orders, store, as_of), said_of(anew(orders, store), store, as_of)
