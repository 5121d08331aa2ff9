"""The pages as people have them: a store of their own, the program serving it, somebody signed in."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from types import MappingProxyType
from typing import Any
from uuid import UUID

import requests

from domain.desk.case import AlertCase
from spowatch.log_pages import alerts_raised, pages, stream_of
from spowatch.open_store import Store
from tests.program import PATIENCE, Program
from tests.stories import fact, store_at, tell

ROLES = ("alert", "api")
TERM = "P-CONTACT-DIRECT"
UNCOUNTED = {
    "SPO_HTTP__RATIONS__READS": "1000000",
    "SPO_HTTP__RATIONS__COMMANDS": "1000000",
}
"""For one caller who stands for very many."""
_TOKEN = re.compile(r'name="csrf" value="([\w-]+)"')
Fact = dict[str, Any]


def order_in_force(force: str = "Kent", **defendant: object) -> list[Fact]:
    """Made and served three weeks ago; a name and an address were notified."""
    made = datetime.now(UTC) - timedelta(days=20)
    person = {"name": "Alan Example", "born": "1992-03-04"} | defendant
    protected = [{"name": "Vera Sample", "safe_contact": "by her sister"}]
    return [
        fact("ApplicationMade", (made - timedelta(days=20)).isoformat(), applicant="chief_officer",
             force=force, nexus="resides", court="magistrates", defendant=person, protected=protected),
        fact("FullOrderGranted", made.isoformat(), until="further_order", defendant_present=False,
             conditions=[{"code": TERM, "wording": "Not to contact Vera Sample by any means."}]),
        fact("OrderServed", (made + timedelta(hours=3)).isoformat(), method="in_person"),
        fact("NotificationReceived", (made + timedelta(days=1)).isoformat(), by="defendant",
             method="in_person_oral", station_area="home_address_area", names=["Alan Example"],
             home_address="1 High Street, Chatham"),
    ]  # fmt: skip


def breach_now(incident: str, **data: object) -> Fact:
    """Weapons make it immediate."""
    now = datetime.now(UTC)
    happened = (now - timedelta(minutes=9)).isoformat()
    act = {"occurred_at": happened, "incident": incident, "markers": ["weapons"]} | data
    return fact("BreachReported", now.isoformat(), condition=TERM, source="victim", **act)


@dataclass
class Site:
    """One store, and the program that serves it."""

    directory: Path
    store: Store
    program: Program
    address: str
    port: int
    told: int = 0
    forces: list[str] = field(default_factory=list)
    roles: tuple[str, ...] = ROLES

    def order(self, reference: str, force: str = "Kent", **defendant: object) -> str:
        outcome = tell(
            self.store, reference, *order_in_force(force, **defendant), now=datetime.now(UTC)
        )
        assert not outcome.refused, outcome.refused
        return reference

    def breach(self, reference: str, **data: object) -> None:
        """Report one; it is accepted when this returns."""
        self.told += 1
        outcome = tell(
            self.store, reference, breach_now(f"i-{self.told}", **data), now=datetime.now(UTC)
        )
        assert not outcome.refused, outcome.refused

    def breaches(self, reference: str, count: int) -> None:
        """Report many in one transaction."""
        acts = [breach_now(f"i-{self.told + number}") for number in range(1, count + 1)]
        self.told += count
        outcome = tell(self.store, reference, *acts, now=datetime.now(UTC))
        assert not outcome.refused, outcome.refused

    def alert(self, reference: str, count: int = 1) -> UUID:
        """The newest alert of that order, once there are so many."""
        deadline = monotonic() + PATIENCE
        while monotonic() < deadline:
            found = [i for _, i in alerts_raised(self.store) if self._of(i) == reference]
            if len(found) >= count:
                return found[-1]
            sleep(0.02)
        msg = f"fewer than {count} alerts of {reference}"
        raise AssertionError(msg)

    def _of(self, alert: UUID) -> str:
        raised = self.store.register.alert(alert).raised
        return "" if raised is None else raised.reference

    def store_rows(self, reference: str) -> list[AlertCase]:
        """Every alert of that order as it stands."""
        ids = [i for _, i in alerts_raised(self.store) if self._of(i) == reference]
        return [self.store.register.read(AlertCase(each)) for each in ids]

    def recorded(self, topic: str) -> list[UUID]:
        """The streams of every event of that topic, in the order of the log."""
        return [stream_of(each) for each in pages(self.store, [topic])]

    @contextmanager
    def nobody_can_write(self) -> Iterator[None]:
        """Somebody else holds the log, as a backup tool gone wrong would."""
        with closing(sqlite3.connect(self.store.settings.log_path, isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            yield
            held.execute("ROLLBACK")

    def comes(self, topic: str, stream: UUID) -> bool:
        """Whether such an event is there, or comes soon."""
        deadline = monotonic() + PATIENCE
        while stream not in (found := self.recorded(topic)) and monotonic() < deadline:
            sleep(0.05)
        return stream in found

    def restart(self) -> None:
        """Serve the same store at the same port again."""
        self.program, _ = started(self.directory, self.port, roles=self.roles)


@contextmanager
def site_at(
    directory: Path,
    port: int = 0,
    settings: Mapping[str, str] = MappingProxyType({}),
    roles: tuple[str, ...] = ROLES,
) -> Iterator[Site]:
    with store_at(directory) as store:
        program, address = started(directory, port, settings, roles)
        port = int(address.rstrip("/").rsplit(":", 1)[1])
        site = Site(directory, store, program, address, port, roles=roles)
        try:
            yield site
        finally:
            site.program.kill()


def started(
    directory: Path,
    port: int,
    settings: Mapping[str, str] = MappingProxyType({}),
    roles: tuple[str, ...] = ROLES,
) -> tuple[Program, str]:
    """The program with its pages, ready, and where they are."""
    told = {"SPO_HTTP__PORT": str(port)} | dict(settings)
    program = Program("run", *roles, "--data-dir", str(directory), settings=told)
    waiting, address = set(roles), ""
    try:
        while waiting or not address:
            line = program.said.until(lambda line: line.startswith("READY") or '"pages"' in line)
            if line.startswith("READY"):
                waiting.discard(line.split()[1])
            else:
                address = str(json.loads(line)["address"]).rstrip("/")
    except BaseException:
        program.kill()
        raise
    return program, address


class Caller:
    """A program that speaks to the pages without a browser, signed in."""

    def __init__(
        self, site: Site, staff: str = "4812", force: str = "Kent", role: str = "operator"
    ) -> None:
        self.site = site
        given = {"staff": staff, "force": force, "role": role}
        answer = requests.post(
            f"{site.address}/sign-in", data=given, allow_redirects=False, timeout=PATIENCE
        )
        assert answer.status_code == 303, answer.text
        self.set_cookie = answer.headers["set-cookie"]
        self.cookie = self.set_cookie.split(";")[0]
        self.token = self.cookie.partition("=")[2]
        found = _TOKEN.search(self.get("/you").text)
        assert found is not None
        self.csrf = found.group(1)

    def get(self, path: str, **headers: str) -> requests.Response:
        told = {"Cookie": self.cookie} | headers
        return requests.get(
            self.site.address + path, headers=told, timeout=PATIENCE, allow_redirects=False
        )

    def board_with(self, alert: UUID) -> str:
        """The board, once that alert stands on it: it is read from the log a moment after."""
        deadline = monotonic() + PATIENCE
        while f'id="alert-{alert}"' not in (board := self.get("/board").text):
            assert monotonic() < deadline, f"{alert} is not on the board"
            sleep(0.02)
        return board

    def post(
        self, path: str, headers: dict[str, str] | None = None, **fields: str
    ) -> requests.Response:
        told = {"Cookie": self.cookie} | (headers or {})
        body = {"csrf": self.csrf} | fields
        return requests.post(
            self.site.address + path,
            data=body,
            headers=told,
            timeout=PATIENCE,
            allow_redirects=False,
        )
