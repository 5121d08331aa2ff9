"""What the doctor asks of everything around the log: each in a line, each within its time, whatever hangs."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from consumers.intake import INTAKE
from consumers.relay_ledger import KEPT
from domain.desk.rota import staffing_faults
from spowatch.doctor.certificates import certificates
from spowatch.doctor.in_time import Finding, in_time
from spowatch.doctor.processes import answering
from spowatch.keys_there import keys_there
from spowatch.open_store import Store
from spowatch.settings.root import KafkaTransport, PostgresLogSettings
from spowatch.wiring.ledger import opened_ledger, there_is_a_ledger
from spowatch.wiring.sheets import opened_sheet, there_is_a_sheet

_BROKER_PATIENCE = 3.0
_LEAST_FREE_BYTES = 200 * 1024 * 1024
_AHEAD = timedelta(days=7)
_APART = timedelta(seconds=2)
_OVERDUE = timedelta(minutes=1)
_NEARLY_FULL = 0.8


def surroundings(
    store: Store, clock: Callable[[], datetime], targets: Path | None
) -> Iterator[Finding]:
    """`targets` is the file that tells Prometheus where each process is. Raises `SettingsError` for a bad one."""
    asked: list[tuple[str, Callable[[], Finding]]] = [
        *answering(store.settings, targets),
        ("free disk", lambda: _disks(store)),
        ("keys", lambda: _keys(store)),
        ("deadlines", lambda: _deadlines(store, clock())),
        ("rota", lambda: _rota(store, clock())),
        ("certificates", lambda: certificates(store.settings, clock())),
    ]
    if isinstance(store.settings.log, PostgresLogSettings):
        asked += [
            ("database clock", lambda: _database_clock(store, clock)),
            ("database roles", lambda: _ground(store)),
            ("connections", lambda: _connections(store)),
        ]
    if isinstance(store.settings.transport, KafkaTransport):
        asked += [("broker", lambda: the_broker(store)), ("relay lease", lambda: the_lease(store))]
    for name, look in asked:
        yield in_time(name, look)


def _disks(store: Store) -> Finding:
    """Each volume that something is written to."""
    settings = store.settings
    written = [settings.data_dir, settings.log_path.parent, settings.keys_path.parent]
    if settings.seal.witness is not None:
        written.append(settings.seal.witness.parent)
    volumes = {each.stat().st_dev: each for each in reversed(written) if each.exists()}
    free = {each: shutil.disk_usage(each).free for each in volumes.values()}
    least = min(free, key=lambda each: free[each])
    found = f"{free[least] // 1024**2} MiB free at {least}, of {len(free)} volumes the least"
    remedy = "free space there: a full disk refuses breach reports, or their seal"
    return "free disk", free[least] >= _LEAST_FREE_BYTES, found, remedy


def _keys(store: Store) -> Finding:
    there = keys_there(store)
    found = f"{store.settings.keys_named} answers"
    if there.missing:
        found = f"{store.settings.keys_named} lacks {there.missing} of {there.named} asked for"
    remedy = "those records cannot be read: docs/runbook/operations.md, A lost key store"
    return "keys", not there.missing, found, remedy


def _deadlines(store: Store, now: datetime) -> Finding:
    remedy = "see that `spowatch run sweep` runs: docs/runbook/SpoSweepSilent.md"
    if not there_is_a_sheet(store.settings):
        return "deadlines", True, "no sweep has run here yet", remedy
    with opened_sheet(store.settings) as sheet:
        due = sheet.next_due()
    late = due is not None and now - due > _OVERDUE
    found = f"one of {due:%Y-%m-%dT%H:%MZ} has not been raised" if late else "none is overdue"
    return "deadlines", not late, found, remedy


def _rota(store: Store, now: datetime) -> Finding:
    if store.settings.policy is None:
        return "rota", True, "no policy file is set", ""
    gaps = [
        f"{force}: {gap.role} from {gap.begin:%Y-%m-%dT%H:%MZ}"
        for force, rota in store.policy.current().rotas.items()
        for gap in staffing_faults(rota, now, now + _AHEAD)
    ]
    found = f"gaps in 7 days: {len(gaps)}, first {gaps[0]}" if gaps else "no gaps in 7 days"
    return "rota", not gaps, found, "fill it: `spowatch policy check FILE` names each"


def _database_clock(store: Store, clock: Callable[[], datetime]) -> Finding:
    from spowatch.store.postgres_ground import server_time

    before = clock()
    theirs = server_time(_dsn(store), environment=os.environ)
    apart = theirs - (before + (clock() - before) / 2)
    found = f"{apart.total_seconds():+.1f} s from ours"
    remedy = "put both machines in step (chrony): deadlines go by ours, claims by the database's"
    return "database clock", abs(apart) <= _APART, found, remedy


def _ground(store: Store) -> Finding:
    from spowatch.store.postgres_ground import REMEDY, ground_missing

    missing = ground_missing(_dsn(store), environment=os.environ)
    return "database roles", not missing, "; ".join(missing) or "as roles.sql makes them", REMEDY


def _connections(store: Store) -> Finding:
    from spowatch.store.postgres_ground import connections

    used, most = connections(_dsn(store), environment=os.environ)
    remedy = "raise max_connections: docs/how-to/size.md says how many each role takes"
    return "connections", used <= _NEARLY_FULL * most, f"{used} of {most}", remedy


def the_broker(store: Store) -> Finding:
    from spowatch.kafka.admin import ClusterAdmin, ClusterRefused
    from spowatch.kafka.security import reach_of

    transport = store.settings.transport
    assert isinstance(transport, KafkaTransport)  # noqa: S101 - asked of no other
    try:
        with closing(ClusterAdmin(reach_of(transport), patience=_BROKER_PATIENCE)) as admin:
            brokers, topics = admin.seen()
    except ClusterRefused as refused:
        return "broker", False, str(refused), "start it, or mend SPO_TRANSPORT__BOOTSTRAP"
    missing = sorted({transport.prefix + each for each in (INTAKE, *KEPT)} - topics)
    found = f"{brokers} brokers; missing: {', '.join(missing)}" if missing else f"{brokers} brokers"
    remedy = "run `spowatch topics apply` as the cluster's administrator; `spowatch kafka-check` asks the rest"
    return "broker", not missing, found, remedy


def the_lease(store: Store) -> Finding:
    transport = store.settings.transport
    assert isinstance(transport, KafkaTransport)  # noqa: S101 - asked of no other
    remedy = "see that `spowatch run relay` runs: without it the desk hears nothing from the broker"
    if not there_is_a_ledger(store.settings):
        return "relay lease", False, "no relay ever had it", remedy
    with opened_ledger(store.settings, transport.prefix) as ledger:
        lease = ledger.lease()
    if not lease.holder:
        return "relay lease", False, "no relay ever had it", remedy
    for_how_long = f"for {lease.left:.0f} s" if lease.left > 0 else "run out"
    found = f"{lease.holder}, token {lease.token}, {for_how_long}"
    return "relay lease", lease.left > 0, found, remedy


def _dsn(store: Store) -> str:
    assert isinstance(store.settings.log, PostgresLogSettings)  # noqa: S101 - asked of no other
    return store.settings.log.dsn.get_secret_value()
