"""L1: events that a reader of the log never met, while everything under it is made to fail.

`python -m tests.bench.loss_bench 1000000` shakes ours until it holds that many.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg.sql import SQL, Identifier

from deploy.postgres.server import running
from spowatch.store.log_schema_postgres import SCHEMA
from tests.bench.log_bench import Figure
from tests.bench.loss_faults import WRITERS, Shaking
from tests.bench.loss_processes import Library, Ours, noted, read
from tests.bench.postgres_logs import prepared, reachable
from tests.forking import SPAWN
from tests.program import PATIENCE
from tests.store.postgres.places import Place

EVENTS = 1_000_000
QUICK = 20_000
_COMPARED = 20_000
"""Events that the library, and ours without its turn, are shaken for."""

_READERS = 3
_TURNS = (
    ("pg_try_advisory_xact_lock(x'73706f6c6f67'::bigint)", "true"),
    ("pg_advisory_xact_lock(x'73706f6c6f67'::bigint)", "''"),
    ("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
    ("CREATE PROCEDURE", "CREATE OR REPLACE PROCEDURE"),
)


@dataclass(frozen=True, slots=True)
class Loss:
    """What became of the events of one run, over all its readers."""

    events: int
    missed: int
    """Passed over by a reader that went on to later ones."""
    behind: int
    """Not met by a reader in the two minutes after the last fault."""
    taken_back: int
    """Met by a reader and gone afterwards, or answered as stored and not there."""
    out_of_order: int
    seconds: float
    bites: Counter[str]

    @property
    def wrong(self) -> int:
        return self.missed + self.behind + self.taken_back + self.out_of_order


def figures(events: int = EVENTS) -> Iterator[Figure]:
    few = min(events, _COMPARED)
    ours, fast = shaken(Ours, events), shaken(Library, few)
    name = f"events missed of {ours.events:,}, shaken"
    samples = [
        ours.events,
        ours.missed,
        ours.behind,
        ours.taken_back,
        ours.out_of_order,
        ours.seconds,
    ]
    yield Figure(
        name,
        f"against {fast.events:,} on library's fast path {_told(ours)}",
        ours.wrong,
        fast.missed,
        0,
        "L1 0",
        [*samples, *ours.bites.values()],
    )
    control = shaken(Ours, few, without_turn=True)
    name = f"control: turn taken out, {control.events:,}"
    yield Figure(name, "events missed", control.missed, 0, 0, "> 0", [control.missed])


def _told(loss: Loss) -> str:
    return f"({', '.join(f'{name} {times}' for name, times in sorted(loss.bites.items()))})"


def shaken(kind: type[Ours | Library], events: int, *, without_turn: bool = False) -> Loss:
    """Eight writers and three readers until the log holds that many events."""
    with TemporaryDirectory(prefix="shaken-") as name, running() as cluster:
        folder, place, begun = Path(name), reachable(prepared(cluster)), time.monotonic()
        if without_turn:
            _take_out_the_turn(place)
        stop, shaking = SPAWN.Event(), Shaking(kind, cluster, place, folder)
        given = [(kind, shaking.dsn(n), folder / f"met-{n}", stop) for n in range(_READERS)]
        readers = [SPAWN.Process(target=read, args=each) for each in given]
        for reader in readers:
            reader.start()
        try:
            _shake(shaking, kind, place, events)
            kept = _kept(kind, place)
            _caught_up([each[2] for each in given], kept[-1])
        finally:
            stop.set()
            for reader in readers:
                reader.join(PATIENCE)
                reader.kill()
            shaking.close()
        return _compared(folder, kept, time.monotonic() - begun, shaking.bites)


def _take_out_the_turn(place: Place) -> None:
    with psycopg.connect(place.owner, autocommit=True) as owner:
        for statement in (each for step in SCHEMA for each in step if "advisory" in each):
            for old, new in _TURNS:
                statement = statement.replace(old, new)  # noqa: PLW2901 - one replacement after another
            owner.execute(statement)


def _shake(shaking: Shaking, kind: type[Ours | Library], place: Place, events: int) -> None:
    try:
        for number in count():
            shaking.step(number)
            if _length(kind, place) >= events:
                break
    finally:
        shaking.end()


def _length(kind: type[Ours | Library], place: Place) -> int:
    """About; 0 while the server is away."""
    sql = SQL("SELECT coalesce(max({}), 0) FROM ").format(Identifier(kind.position))
    with suppress(psycopg.Error), psycopg.connect(place.administrator) as administrator:
        [length] = administrator.execute(sql + SQL(kind.table)).fetchone() or (0,)
        return int(length)
    return 0


def _kept(kind: type[Ours | Library], place: Place) -> list[int]:
    column = Identifier(kind.position)
    sql = SQL("SELECT {} FROM {} ORDER BY 1").format(column, SQL(kind.table))
    with psycopg.connect(place.administrator) as administrator:
        return [position for (position,) in administrator.execute(sql).fetchall()]


def _caught_up(met: Sequence[Path], last: int) -> None:
    """Waits for the readers; one that never comes that far has missed what is left."""
    deadline = time.monotonic() + 4 * PATIENCE
    while time.monotonic() < deadline and any(noted(each)[-1:] != [last] for each in met):
        time.sleep(0.2)


def _compared(folder: Path, kept: Sequence[int], seconds: float, bites: Counter[str]) -> Loss:
    stored = set(kept)
    met = [noted(folder / f"met-{number}") for number in range(_READERS)]
    passed = [(max(each, default=0), set(each)) for each in met]
    accepted = {each for n in range(WRITERS) for each in noted(folder / f"accepted-{n}")}
    return Loss(
        events=len(kept),
        missed=sum(each not in some for last, some in passed for each in kept if each < last),
        behind=sum(each > last for last, _ in passed for each in kept),
        taken_back=sum(len(set(each) - stored) for each in met) + len(accepted - stored),
        out_of_order=sum(one >= other for each in met for one, other in pairwise(each)),
        seconds=seconds,
        bites=bites,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=int, nargs="?", default=EVENTS)
    loss = shaken(Ours, parser.parse_args().events)
    print(
        f"{loss.events:,} events, missed {loss.missed}, behind {loss.behind}, taken back {loss.taken_back}, "
        f"out of order {loss.out_of_order}, in {loss.seconds:.0f} s {_told(loss)}"
    )


if __name__ == "__main__":
    main()
