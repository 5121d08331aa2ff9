"""What a cell came to: counted from acknowledged facts, with our own eyes, nothing of the product."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from tests.faults.evidence import Evidence
from tests.faults.oracle import Verdict, verdict
from tests.faults.processes import Acknowledged
from tests.faults.split.field import Field
from tests.faults.split.traces import Record, Row, evidence_from, faults_said, records_of, rows_of

_FINDINGS = {
    "spo.breach-recorded.v1",
    "spo.notification-missed.v1",
    "spo.offence-suspected.v1",
    "spo.concern-raised.v1",
    "spo.finding-withdrawn.v1",
}
_ALERTS = {"spo.alert-raised.v1", "spo.alert-withdrawn.v1"}
_PARKED = {"spo.event-parked.v1", "spo.message-unread.v1"}
_INTERNAL = {"spo.order-linked.v1", "spo.command-answered.v1"}
_PERSONAL = (b"J Moss", b"Larch", b"Dover", b"four times in the night", b"lane", b"tag-")
"""Names, places, words and references of the people who are fed in."""
TOPICS = ("spo.order.events.v1", "spo.alert.requested.v1", "spo.alert.outcome.v1")
GOAL = 2.0
"""Seconds that any alert may be late, whatever died, as long as there is a database."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the fault of a cell excuses, each with its reason beside the cell."""

    copies: bool = True
    """Second copies at the broker: a relay died or was replaced. Never without that."""
    forgotten: bool = False
    """The database was put back to an earlier day: the broker and the console know a lost future."""
    deleted: bool = False
    """An administrator deleted records; what is told to be forgotten is not sent again."""
    late: bool = False
    """No alert can be written while there is no database."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Counted on a system from its beginning."""

    copies: int = 0
    """Records at the broker twice, not counting those sent again because they had been lost."""
    republished: int = 0
    events: int = 0
    alerts: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """Every fault by kind; all empty is a pass."""

    verdict: Verdict
    not_at_broker: Sequence[str]
    of_nobody: Sequence[str]
    inverted: Sequence[str]
    personal: Sequence[str]
    overtaken: Sequence[str]
    parked: Sequence[str]
    """What was put before a person because nobody could make sense of it."""
    said_of_nobody: Sequence[str]
    other: Sequence[str]
    in_all: Sums
    before: Sums
    acknowledged: int
    held_up: float
    late: Sequence[float] = field(repr=False)
    """Seconds from acknowledgement to the alert on record."""
    said_late: Sequence[float] = field(repr=False)
    """Seconds from acknowledgement to the line on the console."""

    def faults(self, allowed: Allowed) -> list[str]:
        found = self.verdict
        kinds: Mapping[str, Sequence[str]] = {
            "lost": found.lost,
            "duplicate": found.duplicate,
            "missing": found.missing,
            "gap": found.gaps,
            "not at the broker": () if allowed.deleted else self.not_at_broker,
            "at the broker, and of nobody": () if allowed.forgotten else self.of_nobody,
            "out of order": self.inverted,
            "personal": self.personal,
            "sent by an overtaken relay": self.overtaken,
            "parked": () if allowed.forgotten else self.parked,
            "said, and of nobody": () if allowed.forgotten else self.said_of_nobody,
            "fault": self.other,
        }
        faults = [f"{kind}: {what}" for kind, found in kinds.items() for what in found]
        if self.copies and not allowed.copies:
            faults.append(f"duplicate: {self.copies} records at the broker, and no relay died")
        if not allowed.late and self.worst > GOAL + SLACK + self.held_up:
            faults.append(f"late: an alert took {self.worst:.2f} s")
        return faults

    @property
    def copies(self) -> int:
        return self.in_all.copies - self.before.copies

    @property
    def republished(self) -> int:
        return self.in_all.republished - self.before.republished

    @property
    def worst(self) -> float:
        return max(self.late, default=0.0)


SLACK = 0.5
"""Seconds for a machine that other work shares, and as much again as it held up a look-out that does
next to nothing. The figure itself is shown."""


def account_of(field_: Field, before: Account | None = None, since: float = 0.0) -> Account:
    """All that must hold is asked of everything; what is counted, of what came after `before`.

    Lateness is that of facts acknowledged after `since`.
    """
    watch = field_.watch
    said_at, regressed = (watch.said_at, watch.regressed) if watch else ({}, [])
    rows = rows_of(field_.place.administrator)
    topics = [f"{field_.prefix}{each}" for each in TOPICS]
    records = records_of(field_.bootstrap, topics)
    acknowledged = field_.acknowledged
    # Line tests go on meanwhile: what reached the broker was on the log before, so that is looked at last.
    places = _places(rows_of(field_.place.administrator))
    of_nobody = [each for each in records if (each.event_id, each.position) not in places]
    before_that = _places(rows)
    ours = [each for each in records if (each.event_id, each.position) in before_that]
    told = _told_at(rows, acknowledged)
    told = {event: at for event, at in told.items() if at >= since}
    raised = [row for row in rows if row.entry.topic == "spo.alert-raised.v1"]
    again = sum(each.republished for each in records)
    in_all = Sums(_copies(records), again, len(rows), len(raised))
    evidence = evidence_from(rows, field_.console)
    return Account(
        verdict=verdict(evidence, acknowledged),
        not_at_broker=list(_not_at_broker(field_.prefix, rows, records)),
        of_nobody=[f"{each.topic} {each.position}" for each in of_nobody],
        inverted=[*_inverted(ours), *_inverted_alerts(rows)],
        personal=[f"{word!r}" for word in _PERSONAL if any(word in r.said for r in records)],
        overtaken=list(_overtaken(rows, records)),
        parked=[row.entry.topic for row in rows if row.entry.topic in _PARKED],
        said_of_nobody=list(_said_of_nobody(rows, evidence)),
        other=[*faults_said(field_.folder), *regressed],
        in_all=in_all,
        before=before.in_all if before else Sums(),
        acknowledged=sum(item.at >= since for item in acknowledged),
        held_up=watch.held_up if watch else 0.0,
        late=_by_one_clock(row.entered_at - told[row.cause] for row in raised if row.cause in told),
        said_late=_by_one_clock(_said_late(raised, told, said_at)),
    )


def _places(rows: Sequence[Row]) -> set[tuple[str, int]]:
    return {(row.entry.event_id, row.position) for row in rows}


def _told_at(rows: Sequence[Row], acknowledged: Sequence[Acknowledged]) -> dict[str | None, float]:
    """When each event that a fact led to was acknowledged."""
    by_id = {event: item.at for item in acknowledged for event in item.event_ids}
    by_command = {item.told.command_id: item.at for item in acknowledged}
    told: dict[str | None, float] = {}
    for row in rows:
        entry = row.entry
        at = by_id.get(entry.event_id) or by_command.get(entry.command_id or "")
        at = at or told.get(row.cause)
        if at is not None:
            # A fact told again after a crash may have been known for long before its answer.
            told[entry.event_id] = (
                max(at, row.entered_at) if at - row.entered_at < 1 else row.entered_at
            )
    return told


def _said_late(
    raised: Sequence[Row], told: Mapping[str | None, float], said_at: Mapping[str, float]
) -> Iterator[float]:
    for row in raised:
        said = said_at.get(f"{row.entry.stream}:raised")
        if said is not None and row.cause in told:
            yield said - told[row.cause]


def _by_one_clock(seconds: Iterable[float]) -> list[float]:
    """Without those between two clocks, one of which a cell had stepped; no cell lasts half as long."""
    return [each for each in seconds if abs(each) < _ANOTHER_CLOCK]


def _expected(prefix: str, rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """Topic and event of every record that must lie at the broker."""
    orders = {row.entry.stream for row in rows if row.entry.topic == "spo.order-opened.v1"}
    for row in rows:
        entry = row.entry
        if entry.topic in _ALERTS:
            yield f"{prefix}spo.alert.outcome.v1", entry.event_id
        if entry.stream in orders and entry.topic not in _INTERNAL:
            yield f"{prefix}spo.order.events.v1", entry.event_id
        if entry.topic in _FINDINGS:
            yield f"{prefix}spo.alert.requested.v1", entry.event_id


def _not_at_broker(prefix: str, rows: Sequence[Row], records: Sequence[Record]) -> Iterator[str]:
    there = {(each.topic, each.event_id) for each in records}
    for topic, event in _expected(prefix, rows):
        if (topic, event) not in there:
            yield f"{topic} {event}"


def _copies(records: Sequence[Record]) -> int:
    own = Counter((each.topic, each.event_id) for each in records if not each.republished)
    return sum(times - 1 for times in own.values())


def _inverted(records: Sequence[Record]) -> Iterator[str]:
    """Of each order, what was sent the first time, and what was sent again, each in its order."""
    seen: set[tuple[str, str, bool]] = set()
    lanes: dict[tuple[str, bytes, bool], list[Record]] = defaultdict(list)
    for each in records:
        if (each.topic, each.event_id, each.republished) not in seen:
            seen.add((each.topic, each.event_id, each.republished))
            lanes[each.topic, each.key, each.republished].append(each)
    for (topic, _, _), lane in lanes.items():
        places = [each.position for each in lane]
        if places != sorted(places) or len({each.partition for each in lane}) > 1:
            yield f"{topic}: {places}"


def _said_of_nobody(rows: Sequence[Row], evidence: Evidence) -> Iterator[str]:
    known = {row.entry.stream for row in rows}
    for line in evidence.console:
        if line["key"].partition(":")[0] not in known:
            yield line["key"]


def _inverted_alerts(rows: Sequence[Row]) -> Iterator[str]:
    versions = {row.entry.event_id: row.entry.version for row in rows}
    done: dict[str, int] = {}
    for row in rows:
        if row.entry.topic != "spo.alert-raised.v1" or row.cause not in versions:
            continue
        order, version = row.entry.event["order_id"], versions[row.cause]
        if version < done.get(order, 0):
            yield f"alert for version {version} of {order} after that for {done[order]}"
        done[order] = version


def _overtaken(rows: Sequence[Row], records: Sequence[Record]) -> Iterator[str]:
    """Events a relay sent that came to be after another had taken over from it."""
    entered = {row.entry.event_id: row.entered_at for row in rows}
    begun: dict[int, float] = {}
    for each in records:
        begun[each.epoch] = min(each.at, begun.get(each.epoch, each.at))
    for each in records:
        over = min((at for epoch, at in begun.items() if epoch > each.epoch), default=None)
        if over is not None and entered.get(each.event_id, 0.0) > over + _CLOCKS:
            yield f"position {each.position} under token {each.epoch}"


_ANOTHER_CLOCK = 1800.0
_CLOCKS = 0.05
"""Seconds between two looks at the machine's clock in different processes."""


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the worst, in seconds."""
    if len(seconds) < 2:
        return {
            "p50": max(seconds, default=0.0),
            "p99": max(seconds, default=0.0),
            "max": max(seconds, default=0.0),
        }
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "max": round(max(seconds), 3)}
