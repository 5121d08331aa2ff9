"""What is done to a store on PostgreSQL while its disk is written down: the life of an order, and four at once amid it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from threading import Event
from typing import Any

import psycopg

from consumers.relay_ledger import Sent
from consumers.relay_messages import messages_of
from spowatch.open_store import Store
from spowatch.settings.root import PostgresLogSettings, Settings
from spowatch.store.outgoing_reader import OutgoingReader
from spowatch.wiring.ledger import opened_ledger
from spowatch.wiring.log import whole_reader
from spowatch.wiring.store import opened
from tests.faults.dying.life import APPLIED, BREACH, LIFE, TERMS, Deed, Told, enter

FOUR = 4
_BREACHES = 3
_LEASE = 60.0
_MOST = 1000


class RelayAhead(Exception):
    """The lease was not had, or a cut has taken back what the relay had sent."""


Acknowledge = Callable[[int], None]
"""Told the position of what was answered, as soon as it was."""


def shift(acknowledge: Acknowledge) -> Sequence[Deed]:
    """The breach of the one order is reported, four others are told, a relay reads, and the desk goes on."""
    reported = 1 + next(n for n, deed in enumerate(LIFE) if deed.name == "report-breach")
    four = Deed("four at once", partial(four_at_once, acknowledge), whole=False)
    relay = Deed("turn of relay", relayed, whole=False)
    return (*LIFE[:reported], four, relay, *LIFE[reported:])


def four_at_once(acknowledge: Acknowledge, store: Store) -> Told:
    """Two threads of this store commit together, and two of another, as of another process; all meet a third writer."""
    over = Event()
    with opened(store.settings) as other, ThreadPoolExecutor(FOUR + 1) as pool:
        pool.submit(_in_the_way, store.settings, over)
        lives = [
            pool.submit(_life_of, f"KENT/{number + 2}", (store, other)[number % 2], acknowledge)
            for number in range(FOUR)
        ]
        wait(lives)
        over.set()
    for life in lives:
        life.result()
    return ()


def _in_the_way(settings: Settings, over: Event) -> None:
    """Takes the turn again and again, so that who meets it commits twice: see log_schema_postgres.py."""
    if not isinstance(settings.log, PostgresLogSettings):
        return
    with psycopg.connect(settings.log.dsn.get_secret_value(), autocommit=True) as writer:
        while not over.wait(0.01):
            with writer.transaction():
                writer.execute(
                    "SELECT pg_advisory_xact_lock(x'73706f6c6f67'::bigint), pg_sleep(0.01)"
                )


def _life_of(order: str, store: Store, acknowledge: Acknowledge) -> None:
    granted = {"last_day": "2029-11-19", "defendant_present": False, "conditions": TERMS}
    served = {"order_kind": "full", "replaces_interim": False, "method": "in_person"}
    facts: list[tuple[str, str, Mapping[str, Any]]] = [
        ("ApplicationMade", "2026-10-01T10:00:00+01:00", APPLIED),
        ("FullOrderGranted", "2026-11-20T14:00:00+00:00", granted),
        ("OrderServed", "2026-11-20T15:30:00+00:00", served),
    ]
    for hour in range(_BREACHES):
        of_its_own = {
            "occurred_at": f"2026-12-05T0{hour}:00:00+00:00",
            "incident": f"{order}-{hour}",
        }
        facts.append(
            ("BreachReported", f"2026-12-05T1{hour}:00:00+00:00", {**BREACH, **of_its_own})
        )
    for kind, t, values in facts:
        _, _, position, _, refusal = enter(kind, t, values, store, order)
        if refusal is not None or position is None:
            msg = f"{kind} on {order}: {refusal}"
            raise AssertionError(msg)
        acknowledge(position)


def relayed(store: Store) -> Told:
    """All that the log holds past the relay's cursor, taken by a broker that takes everything. Raises `RelayAhead`."""
    reader = OutgoingReader(whole_reader(store.log), store.log)
    with opened_ledger(store.settings, "") as ledger:
        token, sent_before = ledger.acquire("relay", seconds=_LEASE), ledger.position()
        if token is None or sent_before > (store.log.max_notification_id() or 0):
            raise RelayAhead(token, sent_before)
        out = reader.read(sent_before, limit=_MOST, wait=0)
        sent = [
            Sent(each.position, each.topic, 0, each.position, each.event_id)
            for one in out
            for each in messages_of(one, "")
        ]
        if out:
            ledger.acknowledged(sent, out[-1].event.position, token=token)
    return ()
