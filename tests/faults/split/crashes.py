"""The cells in which a role dies, or is frozen, at a named moment of the matrix."""

from random import Random
from time import monotonic, sleep

import psycopg

from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import Cell, Strike
from tests.faults.split.field import ROLES, Arrangement, Field
from tests.faults.split.ground import kill_postgres
from tests.faults.split.strikes import await_flow
from tests.servers.frame_proxy import Direction

_PATIENCE = 30.0
_PAUSE = 8.0
"""Seconds a relay is frozen: longer than its lease."""
_TWO_RELAYS = (*ROLES, "relay2")


def await_crash(system: Field, rng: Random) -> None:
    system.let_crash()
    deadline = monotonic() + _PATIENCE
    while not system.crash_mark.exists() and monotonic() < deadline:
        sleep(0.02)


def crashed(system: Field, account: Account) -> bool:
    """The process was at that moment and came no further."""
    return system.crash_mark.exists()


def _while_swallowing(direction: Direction) -> Strike:
    def strike(system: Field, rng: Random) -> None:
        """What the relay sends, or what it is told, is gone; just then it dies."""
        await_flow(system)
        system.ground.broker_link.swallow(direction)
        try:
            await_crash(system, rng)
            sleep(0.5)
        finally:
            system.ground.broker_link.heal()

    return strike


def _thawed_later(role: str) -> Strike:
    def strike(system: Field, rng: Random) -> None:
        await_crash(system, rng)
        sleep(_PAUSE)
        system.notes["bit"] = system.crash_mark.exists() and system.roles[role].is_frozen()
        system.roles[role].thaw()

    return strike


def _stood_still(system: Field, account: Account) -> bool:
    return system.notes.get("bit") is True


_PROXIED = Arrangement(broker_proxied=("relay",))
_RELAYS = Arrangement(roles=_TWO_RELAYS)


def _killed(
    moment: str, what: str, role: str, hit: int = 1, strike: Strike = await_crash, mark: str = ""
) -> Cell:
    """Killed at the hit of that moment; all of these share one system."""
    names = {"alert": "desk", "deliver": "console", "import": "writer", "reconcile": "reconciler"}
    return Cell(
        f"{moment} {names.get(role, role)} killed",
        what,
        strike,
        crashed,
        _PROXIED,
        crash=(role, f"{mark or moment}:{hit}:SIGKILL"),
    )


def _frozen(moment: str, role: str) -> Cell:
    relay = role == "relay"
    return Cell(
        f"{moment} relay frozen, another took over" if relay else f"{moment} desk frozen",
        f"{_PAUSE:.0f} s",
        _thawed_later(role),
        _stood_still,
        _RELAYS if relay else _PROXIED,
        crash=(role, f"{moment}:{3 if relay else 1}:SIGSTOP"),
        # The relay that was frozen is the one that had the lease; the next cell's must have it too.
        alone=relay,
    )


_HOLD = """
CREATE TABLE public.held (pid integer);
CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF EXISTS (SELECT FROM public.held) THEN PERFORM pg_sleep(1.0); END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hold AFTER INSERT ON spowatch.events FOR EACH ROW
    WHEN (NEW.topic = 'spo.alert-raised.v1') EXECUTE FUNCTION public.hold();
"""
_HELD_NOW = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = %s"


def _during_commit(system: Field, what: str) -> None:
    """An alert is written and its transaction is still open: then somebody dies."""
    place = system.place
    with psycopg.connect(place.administrator, autocommit=True) as administrator:
        administrator.execute(_HOLD)
        administrator.execute("INSERT INTO held VALUES (0)")
        deadline = monotonic() + _PATIENCE
        held = False
        while not held and monotonic() < deadline:
            held = administrator.execute(_HELD_NOW, [place.database]).fetchone() is not None
        system.notes["held_in_commit"] = held
        if what == "desk":
            system.roles["alert"].kill()
            administrator.execute("TRUNCATE held")
    if what == "database":
        kill_postgres(system.ground.postgres)
        system.ground.postgres.start()
        with psycopg.connect(place.administrator, autocommit=True) as administrator:
            administrator.execute("TRUNCATE held")


def _held(system: Field, account: Account) -> bool:
    return system.notes.get("held_in_commit") is True


def crash_cells() -> list[Cell]:
    unheard = _while_swallowing(Direction.TO_BROKER)
    unanswered = _while_swallowing(Direction.TO_CLIENT)
    late = Allowed(late=True)
    return [
        _killed("m1", "committed, not answered", "import", 3),
        _killed("m2", "read, nothing sent", "relay", 3),
        _killed("m3", "sent, not appended", "relay", 1, unheard),
        _killed("m4", "appended, nobody was told", "relay", 1, unanswered),
        _killed("m5", "acknowledged, cursor not stored", "relay", 3),
        _killed("m6", "cursor stored", "relay", 3),
        _killed("m7", "fetched, nothing saved", "alert"),
        _frozen("m7", "alert"),
        _killed("m8", "told, bookmark not stored", "intake", 2, mark="m8-intake"),
        _killed("m8", "said, bookmark not stored", "deliver", 2, mark="m8-deliver"),
        _killed("m8", "looked, bookmark not stored", "reconcile", mark="m8-reconcile"),
        _killed("m9", "committed; it keeps no place at the broker", "alert"),
        _killed("m11", "written, not yet on disk", "deliver", 2),
        Cell("m8 desk killed", "written, not committed", _desk_dies, _held, alone=True),
        Cell(
            "m8 database killed",
            "written, not committed",
            _database_dies,
            _held,
            allowed=late,
            alone=True,
        ),
        *(_frozen(moment, "relay") for moment in ("m2", "m3", "m5")),
    ]


def _desk_dies(system: Field, rng: Random) -> None:
    _during_commit(system, "desk")


def _database_dies(system: Field, rng: Random) -> None:
    _during_commit(system, "database")


NOT_APPLICABLE = {
    "m10": "no rebalance: our consumers are in no group and no coordinator can move them",
    "m9, broker side": "there is no commit at the broker to die before: the place is kept with the effect",
}

__all__ = ["NOT_APPLICABLE", "crash_cells"]
