"""A migrated store in a folder of its own, and orders with a life behind them to work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain.commands import Answer
from domain.register import OrderRegister
from domain.submissions import Submission
from domain.vocabulary import Statement, read_statement
from spowatch.open_store import Store
from spowatch.wiring.store import migrate, opened, throw_away

NOW = datetime.now(UTC)
_DAY = timedelta(days=1)
_HOME: dict[str, Any] = {
    "station_area": "home_address_area",
    "names": ["J Moss"],
    "home_address": "1 Larch Road",
}
_TERMS = [{"code": "P-CONTACT-DIRECT"}, {"code": "P-APPROACH", "metres": 100}]


@contextmanager
def new_store() -> Iterator[Store]:
    with TemporaryDirectory(prefix="bench-") as folder:
        settings = throw_away(Path(folder))
        migrate(settings)
        with opened(settings) as store:
            yield store


def statement(kind: str, at: datetime, *, command_id: str | None = None, **data: Any) -> Statement:
    raw = {"t": at.isoformat(), "type": kind, "data": data, "command_id": command_id}
    return read_statement(raw)


def life(before: datetime) -> list[Statement]:
    """Applied for, interim, made, served, notified, two breaches: about fifteen events."""
    applied, made = before - 80 * _DAY, before - 40 * _DAY
    named: dict[str, Any] = {"applicant": "chief_officer", "force": "Kent", "nexus": "resides"}
    interim: dict[str, Any] = {"last_day": made.date().isoformat(), "conditions": _TERMS}
    served: dict[str, Any] = {"order_kind": "full", "replaces_interim": True}
    return [
        statement("ApplicationMade", applied, **named),
        statement("HearingListed", applied + _DAY, on=made.date().isoformat()),
        statement("InterimOrderGranted", applied + 2 * _DAY, **interim),
        statement("OrderServed", applied + 3 * _DAY, order_kind="interim"),
        statement("NotificationReceived", applied + 4 * _DAY, **_HOME),
        statement("FullOrderGranted", made, until="further_order", conditions=_TERMS),
        statement("OrderServed", made + _DAY / 4, **served),
        statement("AddressVisit", made + 5 * _DAY, result="seen"),
        breach(made + 20 * _DAY, "first"),
        breach(made + 21 * _DAY, "second"),
    ]


def breach(at: datetime, incident: str, command_id: str | None = None) -> Statement:
    return statement(
        "BreachReported",
        at,
        command_id=command_id,
        occurred_at=(at - timedelta(minutes=20)).isoformat(),
        condition="P-CONTACT-DIRECT",
        incident=incident,
        narrative="Rang four times in the night and said her name.",
    )


def open_orders(register: OrderRegister, count: int) -> list[str]:
    """The references of that many orders, each with its life on record."""
    references = [f"BENCH/{number}" for number in range(count)]
    for reference in references:
        state(register, reference, life(NOW - _DAY))
    return references


def state(register: OrderRegister, reference: str, statements: list[Statement]) -> list[Answer]:
    submission = Submission(reference=reference, statements=statements, force="Kent")
    return register.state(submission, entered_at=datetime.now(UTC))
