"""Walks the log's events of some topics, page by page: the lists' first form, before any sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from eventsourcing.persistence import Notification

from domain.alerts import AlertRaised, AlertWithdrawn
from domain.desk.events import AlertGraded, AlertResounded, TransferAccepted
from domain.desk.record import AlertOnRecord
from domain.desk.routing import HomeForceFound
from domain.events import RecordedEvent
from spowatch.open_store import Store

PAGE = 1000


@dataclass(slots=True)
class Placed:
    """An alert and the position at which it was raised."""

    alert: AlertOnRecord
    position: int
    home_force: str | None = None
    """The force where the person lives, where the alert does not name it."""


def pages(store: Store, topics: Sequence[str], *, after: int = 0) -> Iterator[Notification]:
    """Every event of those topics past position `after`, oldest first."""
    while True:
        page = store.log.select_notifications(after, PAGE, topics=topics, inclusive_of_start=False)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id


def alerts_raised(store: Store) -> Iterator[tuple[int, UUID]]:
    """Position and id of every alert ever raised."""
    for found in pages(store, [AlertRaised.TOPIC]):
        yield found.id, stream_of(found)


_SHOWN = [
    each.TOPIC
    for each in (
        AlertRaised,
        AlertWithdrawn,
        HomeForceFound,
        AlertGraded,
        AlertResounded,
        TransferAccepted,
    )
]


def alerts(store: Store) -> dict[UUID, Placed]:
    """Every alert as it stands, in the order they were raised."""
    placed: dict[UUID, Placed] = {}
    for found in pages(store, _SHOWN):
        if found.topic == HomeForceFound.TOPIC:
            home = store.mapper.to_domain_event(found).event
            if isinstance(home, HomeForceFound):
                placed[home.alert_id].home_force = home.force
            continue
        identity = stream_of(found)
        each = placed.setdefault(identity, Placed(AlertOnRecord(identity), found.id))
        each.alert.fold([store.mapper.to_domain_event(found)])
    return placed


def stream(store: Store, identity: UUID, *, upto: int | None = None) -> list[RecordedEvent]:
    """Every event of one order or alert, up to and including version `upto`."""
    stored = store.log.select_events(identity, lte=upto)
    return [store.mapper.to_domain_event(each) for each in stored]


def stream_of(notification: Notification) -> UUID:
    stream = notification.originator_id
    return stream if isinstance(stream, UUID) else UUID(stream)
