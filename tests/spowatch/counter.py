"""A register in a temporary directory, facts stated on it, and its alerts raised by the roles."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from typer.testing import CliRunner

from domain.desk.record import AlertOnRecord
from domain.dossier import order_id
from spowatch.briefing import briefing
from spowatch.cli.app import app
from spowatch.facts_file import Line
from spowatch.importing import import_line
from spowatch.log_pages import alerts
from spowatch.open_store import Store
from spowatch.wiring.store import migrate, now, opened, throw_away
from tests.stories import work_until_idle

REF = "KENT/2026/00001"
NAME, ADDRESS = "Ryan Mercer", "4 Mill Lane, Chatham"
VICTIM, HER_HOME, HER_NUMBER = "Anna Field", "12 Elm Row, Maidstone", "07700 900123"
ACCOUNT = "Shouted through the letter box."
PERSONAL = (NAME, ADDRESS, VICTIM, HER_HOME, HER_NUMBER, ACCOUNT, "Ry the Knife", "88/123456X")

ZONE = {
    "code": "P-ZONE-DIST",
    "metres": 100,
    "around": HER_HOME,
    "wording": f"Not to go within 100 metres of {HER_HOME}.",
    "exceptions": ["by train, without getting off"],
}
CONTACT = {"code": "P-CONTACT-DIRECT", "wording": f"Not to contact {VICTIM} by any means."}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter at a police station: a store, and a clock that is the real one."""

    directory: Path
    opened_at: datetime

    def ago(self, **length: float) -> str:
        return (self.opened_at - timedelta(**length)).isoformat()

    def run(self, *arguments: str, typed: str | bytes | None = None) -> Said:
        line = [*arguments, "--data-dir", str(self.directory)]
        result = CliRunner().invoke(app, line, input=typed, catch_exceptions=False)
        return Said(result.exit_code, result.stdout, result.stderr)

    def tell(self, kind: str, t: str, /, *, ref: str = REF, **data: Any) -> None:
        """One fact, as a facts file states it; it must be taken."""
        fact = {"t": t, "type": kind, "data": data}
        case = {"order": ref, "person": "P-1", "force": "Kent", "given": [fact]}
        with self.store() as store:
            outcome = import_line(Line(1, case=case), store.register, now=now())
        assert outcome.error is None

    def order_served(self, *conditions: dict[str, Any], ref: str = REF) -> None:
        """Applied for, made ten days ago, served and notified in time."""
        self.order_made(*conditions, ref=ref)
        self.tell("OrderServed", self.ago(days=10), ref=ref, method="in_person", evidence="MG11-7")
        self.notified(ref=ref)

    def order_made(self, *conditions: dict[str, Any], ref: str = REF, **made: Any) -> None:
        defendant = {
            "name": NAME,
            "born": "1988-02-03",
            "aliases": ["Ry the Knife"],
            "pnc_id": "88/123456X",
            "markers": ["weapons"],
            "risk": "high",
        }
        protected = [{"name": VICTIM, "relationship": "former_partner", "safe_contact": HER_NUMBER}]
        self.tell(
            "ApplicationMade", self.ago(days=20), ref=ref, applicant="chief_officer", force="Kent",
            nexus="resides", court="magistrates", defendant=defendant, protected=protected,
        )  # fmt: skip
        terms = list(conditions) or [ZONE, CONTACT]
        full = {"until": "further_order", "conditions": terms} | made
        self.tell("FullOrderGranted", self.ago(days=10, hours=1), ref=ref, **full)

    def notified(self, *, ref: str = REF) -> None:
        self.tell(
            "NotificationReceived", self.ago(days=9), ref=ref, names=[NAME], home_address=ADDRESS,
            station_area="home_address_area", acknowledgement_issued=True,
        )  # fmt: skip

    def zone_breach(self, *, incident: str = "CAD-1", ref: str = REF, **ago: float) -> None:
        self.tell(
            "BreachReported", self.ago(minutes=1), ref=ref, condition="P-ZONE-DIST",
            occurred_at=self.ago(**(ago or {"minutes": 20})), place="Maidstone", source="tag",
            measured_m=41.0, error_m=12.0, narrative=ACCOUNT, incident=incident,
        )  # fmt: skip

    def contact_breach(self, *, incident: str, ref: str = REF, **ago: float) -> None:
        self.tell(
            "BreachReported", self.ago(minutes=2), ref=ref, condition="P-CONTACT-DIRECT",
            occurred_at=self.ago(**ago), channel="text", source="victim", incident=incident,
        )  # fmt: skip

    def at_the_desk(self) -> None:
        """Let the sweep, the desk and the console do all there is to do."""
        with self.store() as store:
            work_until_idle(store, "sweep", "alert", "deliver")

    def alert(self, kind: str) -> UUID:
        """The latest alert of that kind."""
        with self.store() as store:
            found = [p.alert for p in alerts(store).values() if p.alert.raised is not None]
        return [a.id for a in found if a.raised is not None and a.raised.code == kind][-1]

    def briefed(self, kind: str) -> dict[str, Any]:
        """The briefing on the latest alert of that kind, straight from the register."""
        identity = self.alert(kind)
        with self.store() as store:
            alert = store.register.read(AlertOnRecord(identity))
            assert alert.raised is not None
            order = store.register.order_by_id(alert.raised.order_id)
            assert order.subject_id is not None
            ids = store.register.subject(order.subject_id).order_ids
            orders = [store.register.order_by_id(each) for each in ids]
            return briefing(alert, order, orders, now())

    def erase(self, *, ref: str = REF) -> None:
        """Destroy the key of the person the order is against."""
        with self.store() as store:
            person = store.register.order_by_id(order_id(ref)).subject_id
            assert person is not None
            store.keys.destroy(person, at=now())

    @contextmanager
    def store(self) -> Iterator[Store]:
        with opened(throw_away(self.directory)) as store:
            yield store


def counter(directory: Path) -> Counter:
    migrate(throw_away(directory))
    return Counter(directory, now())
