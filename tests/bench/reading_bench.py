"""P3: what a page asks of a million orders: an officer's cases, a force's counts, people by name.

The rows are made here and put straight into the sheet: what is measured is the asking, beside the same
question put to the database by hand, and beside a scan of every name.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import Notification

from domain.events import Envelope, RecordedEvent
from domain.facts.court import ApplicationMade
from domain.facts.words import Defendant
from domain.orders import OrderOpened
from projections.case_queues import cases, counts
from projections.caseload import CaseRow, table
from projections.columns import values_of
from projections.name_index import AT_ONCE, NameIndex
from projections.sheet import Value
from projections.sqlite import connected
from projections.store import SheetStore
from spowatch.wiring.projections import name_index
from tests.bench import postgres_logs
from tests.bench.log_bench import Figure, seconds
from tests.bench.registers import new_store, open_orders
from tests.projections.runners.places import in_database, in_file

ORDERS, QUICK = 1_000_000, 100_000
_AT_ONCE = 20_000
ASKED = 40
"""Times each question is put, of another officer or for another name each time."""
_OF_AN_OFFICER = 100
_READ = 300
"""Orders whose names are read from a log, for how long a start takes."""
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_LATER = NOW + timedelta(days=90)
_DUTY = (
    '[{"kind":"initial","first_day":"2026-10-01","last_day":"2026-10-03","deadline":'
    '"2026-10-03T23:00:00Z","state":"%s","notified_at":null,"receipt":""}]'
)
_FORCES = ("Metropolitan Police", *(f"Force {number}" for number in range(1, 43)))
_QUEUES = ("",) * 60 + (None,) * 30 + ("unverified",) * 5 + ("overdue", "due", "overdue,unverified", "unserved", "review_due")  # fmt: skip


def figures(orders: int = ORDERS) -> Iterator[Figure]:
    with _in_file() as kept:
        yield from _sheet_figures(kept, orders, "")
    yield from _name_figures(orders)
    yield _start_figure()


def server_figures(orders: int = ORDERS) -> Iterator[Figure]:
    with _on_a_server() as kept:
        yield from _sheet_figures(kept, orders, ", PostgreSQL")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sheet, and who puts the same question by hand: what is selected, of which column, and its value."""

    sheet: SheetStore
    by_hand: Callable[[str, str, str], object]


@contextmanager
def _in_file() -> Iterator[_Kept]:
    with TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "projections.db"
        with in_file(path) as opened:
            sheet = opened(table())
            with closing(connected(path)) as plain:

                def by_hand(what: str, column: str, value: str) -> object:
                    sql = f"SELECT {what} FROM caseload WHERE {column} = ?"  # noqa: S608 - our own words
                    return plain.execute(sql, (value,)).fetchall()

                yield _Kept(sheet, by_hand)


@contextmanager
def _on_a_server() -> Iterator[_Kept]:
    with (
        postgres_logs.new_store() as (_, place),
        in_database(place.writer) as opened,
        psycopg.connect(place.writer, autocommit=True, prepare_threshold=0) as plain,
    ):

        def by_hand(what: str, column: str, value: str) -> object:
            sql = f"SELECT {what} FROM projections.caseload WHERE {column} = %b"  # noqa: S608 - our own words
            return plain.cursor(binary=True).execute(sql.encode(), (value,)).fetchall()

        yield _Kept(opened(table()), by_hand)


def _rows(orders: int) -> Iterator[CaseRow]:
    """Half of them one force's, as in the published figures; each officer has a hundred."""
    chance = random.Random(7)
    for number in range(orders):
        officer = number // _OF_AN_OFFICER
        force = _FORCES[0] if officer % 2 else _FORCES[1 + officer % 42]
        queues = chance.choice(_QUEUES)
        late = queues is not None and "overdue" in queues
        yield CaseRow(
            order_id=UUID(int=chance.getrandbits(128)), opened=number + 1, version=15,
            known_until=NOW, until=_LATER, reference=f"REF-{number}", force=force,
            officer=f"O{officer}", subject_id=None, queues=queues, status="full_granted",
            in_force=None if queues is None else "full", facets="[]", last_day=date(2028, 11, 21),
            duties=_DUTY % ("missed" if late else "met"), attempts_not_valid="[]",
            next_deadline=None, breaches=0, last_breach_at=None, home_notified_at=NOW,
            home_seen_at=NOW, visited_at=None, visit=None, appointment_at=None, appointment=None,
            unconfirmed=0, review_on=None, review_due=0,
        )  # fmt: skip


def _sheet_figures(kept: _Kept, orders: int, where: str) -> Iterator[Figure]:
    sheet, by_hand = kept.sheet, kept.by_hand
    filled = seconds(lambda: _fill(sheet, orders))
    officers = [f"O{n * orders // _OF_AN_OFFICER // ASKED}" for n in range(ASKED)]
    forces = [_force_of(each) for each in officers]
    page = _times(lambda n: _page(sheet, officers[n], forces[n]))
    bare = _times(lambda n: by_hand("*", "officer", officers[n]))
    tile = _times(lambda _: counts(sheet, {"force": _FORCES[0]}, ()))
    count = _times(lambda _: by_hand("count(*)", "force", _FORCES[0]))
    label = f"{orders:,} orders, filled in {filled:.0f} s"
    yield _figure(f"P3 officer page{where}, 100 cases ({label})", page, bare, "<= 5")
    yield _figure(f"P3 force tile{where}, half of all orders", tile, count, "<= 10")


def _fill(sheet: SheetStore, orders: int) -> None:
    mark, rows = sheet.begin(), _rows(orders)
    while some := [values_of(row) for row in islice(rows, _AT_ONCE)]:
        mark = sheet.put(mark, mark.position + len(some), some, [])
    sheet.switch(mark, None)


def _force_of(officer: str) -> str:
    number = int(officer[1:])
    return _FORCES[0] if number % 2 else _FORCES[1 + number % 42]


def _page(sheet: SheetStore, officer: str, force: str) -> None:
    only: dict[str, Value] = {"officer": officer, "force": force}
    register: Any = None  # no row is stale, so no order is read
    found = cases(sheet, register, NOW, (), only=only)
    assert 50 < len(found) <= _OF_AN_OFFICER, len(found)
    counts(sheet, only, ())


def _name_figures(people: int) -> Iterator[Figure]:
    chance = random.Random(7)
    first = [_word(chance) for _ in range(2_000)]
    last = [_word(chance) for _ in range(40_000)]
    given, family = (_common(each) for each in (first, last))
    names = [
        f"{one} {other}"
        for one, other in zip(
            chance.choices(first, given, k=people),
            chance.choices(last, family, k=people),
            strict=True,
        )
    ]
    index = _index(names)
    asked = [names[n * people // ASKED] for n in range(ASKED)]
    found = _times(lambda n: index.find(asked[n]))
    begun = _times(lambda n: index.find(" ".join(word[:4] for word in asked[n].split())))
    slips = _times(lambda n: index.find(f"{asked[n]}x"))
    scan = _times(lambda n: [each for each in names if each == asked[n]])
    yield _figure(f"P3 name search, {people:,} people, whole", found, scan, "<= 10")
    yield _figure("P3 name search, by four letters each", begun, scan, "<= 10")
    yield _figure("P3 name search, a slip of the pen", slips, scan, "")


def _common(names: Sequence[str]) -> list[float]:
    """Few names are common and most are rare: the first hundred first names are a third of people."""
    return [1 / (rank + 20) for rank in range(len(names))]


def _word(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghiklmnoprstuvwy", k=chance.randint(4, 10)))


def _index(names: Sequence[str]) -> NameIndex:
    """Told as a log tells it, two events a person, made as they are asked for."""
    envelope = Envelope(occurred_at=NOW, recorded_at=NOW, entered_at=NOW, actor="x", role="x")
    told: list[RecordedEvent] = []
    streams: list[UUID] = []

    def page(after: int, upto: int) -> list[Notification]:
        told.clear()
        for place in range(after + 1, min(after + AT_ONCE, upto) + 1):
            number, second = divmod(place - 1, 2)
            if not second:
                streams[:] = [uuid4()]
            event = _applied(names[number]) if second else _opened(number)
            told.append(RecordedEvent(streams[0], 1 + second, envelope, event))
        ids = range(after + 1, after + 1 + len(told))
        return [Notification(id=n, originator_id=streams[0], originator_version=1, topic="", state=b"") for n in ids]  # fmt: skip

    index = NameIndex(page, lambda n: told[(n.id - 1) % AT_ONCE])  # type: ignore[attr-defined]  # of the page just made
    while index.work(2 * len(names)):
        pass
    return index


def _opened(number: int) -> OrderOpened:
    return OrderOpened.model_construct(reference=f"REF-{number}", force="Kent", regime="x")


def _applied(name: str) -> ApplicationMade:
    defendant = Defendant.model_construct(name=name, aliases=(), pnc_id=None)
    return ApplicationMade(applicant="chief_officer", force="Kent", defendant=defendant)


def _start_figure() -> Figure:
    """How long a process that searches reads names before it finds everybody, by order."""
    with new_store() as store:
        open_orders(store.register, _READ)
        head = store.log.max_notification_id() or 0
        index = name_index(store)
        took = seconds(lambda: _read(index, head))
        raw = seconds(lambda: store.log.select_notifications(1, head))
    label = f"names read at a start, ms an order (1 M: {took / _READ * 1e6:,.0f} s)"
    each, base = took / _READ * 1000, raw / _READ * 1000
    return Figure(label, "ms", each, base, each / base, "", [each])


def _read(index: NameIndex, head: int) -> None:
    while index.work(head):
        pass


def _times(ask: Callable[[int], object]) -> list[float]:
    """Milliseconds of each asking."""
    found = []
    for number in range(ASKED):
        begun = perf_counter()
        ask(number)
        found.append((perf_counter() - begun) * 1000)
    return found


def _figure(name: str, ours: Sequence[float], base: Sequence[float], goal: str) -> Figure:
    p50, other = median(ours), median(base)
    return Figure(name, "ms p50", p50, other, p50 / other, goal, ours)
