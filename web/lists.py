"""Lists of orders: allowed by the table, on the log first, and shown or handed out only then."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from domain.access import Action, Relation, State
from domain.consultations import Purpose
from domain.disclosures import ListConsulted, ListDisclosed, Release, Released, release_stream
from projections.store import SheetStore
from web.access import NotYours, Person, Standing, must_be_allowed
from web.system import System

OWN = Standing(Relation.OWN, State.LIVE)
"""Lists are of the force of whoever asks."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What was asked of which sheet, and how much of it there is."""

    what: str
    asked: str
    rows: int
    sheet: SheetStore


def purpose_of(person: Person, action: Action) -> Purpose:
    """Why this person may do that with the lists of their force. Raises `NotYours`."""
    purpose = person.usual_purpose
    must_be_allowed(person, action, OWN, purpose)
    if purpose is None:
        raise NotYours
    return purpose


def consult_list(system: System, person: Person, listed: Listed, now: datetime) -> None:
    """Put on record that this person reads it. When that cannot be, it raises, and nothing is shown."""
    purpose = purpose_of(person, Action.LIST_CASES)
    consulted = ListConsulted(
        what=listed.what,
        asked=listed.asked,
        rows=listed.rows,
        position=listed.sheet.live_position() or 0,
        purpose=purpose,
    )
    _keep(system, person, consulted, now)


def disclose_list(system: System, person: Person, listed: Listed, text: str, now: datetime) -> None:
    """Put on record that this person takes the file. When that cannot be, it raises: no file."""
    purpose = purpose_of(person, Action.EXPORT)
    disclosed = ListDisclosed(
        what=listed.what,
        asked=listed.asked,
        rows=listed.rows,
        position=listed.sheet.live_position() or 0,
        digest=sha256(text.encode()).hexdigest(),
        purpose=purpose,
    )
    _keep(system, person, disclosed, now)


def _keep(system: System, person: Person, released: Released, now: datetime) -> None:
    release = Release(release_stream(uuid4()))
    release.record(released, person.envelope(now))
    system.register.keep([release])
