"""The cells, m12, in which links drop some of what is sent: modelled, as what comes late and holds up the rest."""

from random import Random
from time import sleep

from tests.faults.split.account import Account, Allowed
from tests.faults.split.cell import Cell, Strike
from tests.faults.split.field import ROLES, Arrangement, Field
from tests.servers.dropped import Dropped

_LASTS = 8.0
_SHARES = (0.05, 0.30)
_BROKER = Arrangement(broker_proxied=("relay", "alert", "intake"))
_DATABASE = Arrangement(database_proxied=(*ROLES, "import"))


def _broker_drops(share: float) -> Strike:
    def strike(system: Field, rng: Random) -> None:
        dropped = Dropped(share, rng)
        system.ground.broker_link.drop(dropped)
        try:
            sleep(_LASTS)
        finally:
            system.ground.broker_link.heal()
        system.notes["dropped"] = dropped.count

    return strike


def _database_drops(share: float) -> Strike:
    def strike(system: Field, rng: Random) -> None:
        dropped = Dropped(share, rng)
        system.ground.database_link.dropped = dropped
        try:
            sleep(_LASTS)
        finally:
            system.ground.database_link.dropped = None
        system.notes["dropped"] = dropped.count

    return strike


def _some_were_dropped(system: Field, account: Account) -> bool:
    return bool(system.notes["dropped"])


def lossy_cells() -> list[Cell]:
    links = (
        ("broker link", _broker_drops, _BROKER, Allowed()),
        # An answer that was dropped again and again takes seconds, and there is no other road past it.
        ("database link", _database_drops, _DATABASE, Allowed(late=True)),
    )
    return [
        Cell(
            f"{link} loses {share:.0%}, as stalls",
            f"{_LASTS:.0f} s; 0.2 s, doubled each time",
            drops(share),
            _some_were_dropped,
            arrangement,
            allowed,
        )
        for link, drops, arrangement, allowed in links
        for share in _SHARES
    ]
