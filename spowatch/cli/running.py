"""`run` and `demo`: the system in the foreground."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spowatch.cli.output import DataDir, fail, faults_explained, say
from spowatch.cli.supervisor import tell_supervisor
from spowatch.garbage import collect_garbage_until

if TYPE_CHECKING:
    from spowatch.metrics.meters import Meters
    from spowatch.settings.root import Settings

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(
    roles: Annotated[list[str] | None, typer.Argument(metavar="[ROLE ...]")] = None,
    *,
    data_dir: DataDir = None,
) -> None:
    """Run the roles named, or all of them, until told to stop (SIGTERM, Ctrl-C)."""
    from spowatch.keys_there import refuse_without_keys
    from spowatch.logs import configure_logs, told_on_record
    from spowatch.metrics.served import metrics_served
    from spowatch.running.register import EVERY_ROLE, named_roles, roles_of
    from spowatch.running.running import Running, alone
    from spowatch.wiring.outward import begin_receivers
    from spowatch.wiring.store import now, opened, settings_for

    configure_logs()
    with faults_explained():
        _refuse_unknown(roles or (), EVERY_ROLE)
        settings = settings_for(data_dir)
        names = named_roles(roles, settings) if roles else roles_of(settings)
        if settings.for_training:
            fail(f"{settings.data_dir} is a training store: no role may act on it")
        stop, meters = _on_signal(), _meters(settings, names)
        with (
            metrics_served(settings.metrics, meters, say),
            opened(settings, meters, told_on_record) as store,
            alone(settings.data_dir, names),
        ):
            refuse_without_keys(store)
            store.policy.current()  # one that cannot be taken stops the start, where there was none
            begin_receivers(names, store, now())
            running = Running(store, say, stop)
            running.start(names, _telling(names))
            collect_garbage_until(stop)
            tell_supervisor("STOPPING=1")
            running.stop()


def _meters(settings: "Settings", names: Sequence[str]) -> "Meters":
    """What is told before any role is at work: which ones are to be, and until when certificates are good."""
    from spowatch.metrics.meters import Meters

    meters = Meters()
    meters.vitals.expect(names)
    meters.certificates.read(settings, names)
    return meters


def _refuse_unknown(named: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in named if name.partition(":")[0] not in known]
    if unknown:
        msg = f"no role {unknown[0]!r}; there are {', '.join(known)}"
        raise typer.BadParameter(msg)


def demo(  # noqa: PLR0913 - one parameter an option
    *,
    facts: Annotated[Path | None, typer.Option(help="Your own facts, not the caseload")] = None,
    orders: Annotated[int, typer.Option(min=1, help="Orders in the caseload")] = 300,
    pace: Annotated[float, typer.Option(min=0.05, help="Seconds between facts")] = 2.0,
    seed: Annotated[int, typer.Option(help="Another seed, another caseload")] = 2026,
    fast: Annotated[
        float | None,
        typer.Option(min=1, help="Train: play a month this many times as fast, then stop"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="With --fast: how many days")] = 30,
    for_seconds: Annotated[float | None, typer.Option("--for", help="Stop after that long")] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            help="An empty directory, or an earlier demonstration's: that is deleted",
            show_default="var/demo",
        ),
    ] = None,
) -> None:
    """Play a national caseload into a throw-away store and watch its arrest alerts arrive."""
    from spowatch.demo.demonstration import Demo
    from spowatch.training import Training
    from spowatch.wiring.store import now

    with faults_explained():
        if fast is not None:
            where = data_dir or Path("var/training")
            training = Training(where, orders=orders, seed=seed, speed=fast)
            training.play(_on_signal(), now(), days)
            return
        show = Demo(data_dir or Path("var/demo"), orders=orders, pace=pace, seed=seed, facts=facts)
        show.play(_on_signal(), for_seconds)


def _telling(names: Sequence[str]) -> Callable[[str], None]:
    """Says of each role that it is usable, and to whoever supervises us when the last of them is."""
    waited = set(names)

    def ready(name: str) -> None:
        sys.stdout.write(f"READY {name} {os.getpid()}\n")
        sys.stdout.flush()
        waited.discard(name)
        if not waited:
            tell_supervisor("READY=1")

    return ready


def _on_signal() -> threading.Event:
    """Set when the process is asked to stop. Called before any other thread is started.

    A thread waits for the signal. A handler would run in the middle of the main thread's own wait
    for the event, and setting it there may wait for ever for a lock that the main thread holds.
    """
    stop = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)

    def await_signal() -> None:
        signal.sigwait(_STOP_SIGNALS)
        stop.set()

    threading.Thread(target=await_signal, name="signals", daemon=True).start()
    return stop
