"""What the pages and the API work on; made by whoever wires them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.desk.case_file import CaseFile
from domain.desk.desk import AlertDesk
from domain.desk.shift_desk import ShiftDesk
from domain.desk.suppression_desk import SuppressionDesk
from domain.looks import Look
from domain.orders import StalkingProtectionOrder
from domain.register import OrderRegister
from web.accounts import Identity
from web.board import Board
from web.entering import Entries
from web.hub import Hub
from web.rations import Rations
from web.sessions import Sessions
from web.sheets import Sheets
from web.shifts import OpenHandovers
from web.views import Tallies


class Records(Protocol):
    """The records as people read them. Whoever asks has put on record that they read them."""

    def briefing(self, found: CaseFile, now: datetime) -> dict[str, Any]:
        """Everything an officer needs, of these orders and no other."""
        ...

    def paper(self, found: CaseFile, now: datetime) -> bytes:
        """The same as an A4 PDF, without the protected persons. Raises `LookupError`."""
        ...

    def history(
        self, stream: UUID, *, at: datetime | None = None, known: datetime | None = None
    ) -> Sequence[dict[str, Any]]:
        """Every event of an alert or an order in words, oldest first.

        Of what had happened by `at`, and was known by `known`, where they are given.
        """
        ...

    def person(
        self, subject: UUID, orders: Sequence[StalkingProtectionOrder]
    ) -> Sequence[dict[str, Any]]:
        """What happened on these orders of the person, and at the desk about them, oldest first.

        As `history`, with the `orders` of each: reference and id.
        """
        ...

    def published(self) -> Sequence[Mapping[str, str]]:
        """Orders applied for and granted by force, as others have published them."""
        ...

    def pipeline(self) -> Mapping[str, Any]:
        """How far every stage is behind the log."""
        ...

    def looks(self) -> Sequence[Look]:
        """Who read which record, oldest first; the newest hundred thousand."""
        ...

    def glasses(self) -> Sequence[dict[str, Any]]:
        """Every breaking of glass with what became of it: what is to be judged first, then the newest."""
        ...

    def raised_after(self, position: int, limit: int) -> Sequence[tuple[int, dict[str, Any]]]:
        """Alerts in the order they were raised, with the position of each; nobody's name."""
        ...

    def account(self, order: StalkingProtectionOrder, now: datetime) -> dict[str, Any]:
        """Where the order stands: terms, duties, findings, refusals."""
        ...

    def consulted_after(self, position: int, limit: int) -> Sequence[tuple[int, dict[str, Any]]]:
        """Who read which record and why, and whose order it is, in the order of the log, each with its position."""
        ...


class Monitor(Protocol):
    """What the process counts and how its roles are, for whoever watches over it."""

    def stalled(self) -> Mapping[str, str]:
        """The roles that are not at work, and why."""
        ...

    def exposition(self) -> tuple[bytes, str]:
        """Every metric in Prometheus's text format, and its content type."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """One of its kind, also as the key of what is written once for all boards.

    `demo`: anybody on this machine may sign in as anybody, and every page says so.
    """

    register: OrderRegister
    desk: AlertDesk
    shifts: ShiftDesk
    handovers: OpenHandovers
    holds: SuppressionDesk
    board: Board
    hub: Hub
    tallies: Tallies
    sessions: Sessions
    records: Records
    entries: Entries
    sheets: Sheets
    rations: Rations
    now: Callable[[], datetime]
    demo: bool
    machine: str
    monitor: Monitor
    identity: Identity | None = None
    """How people and programs are known, where this is no demonstration."""
