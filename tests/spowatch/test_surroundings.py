"""The doctor's look around the log: who answers, whose turn it is, what time it is elsewhere; it never hangs."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from spowatch.doctor.certificates import certificates
from spowatch.doctor.in_time import Finding, in_time
from spowatch.doctor.processes import answering
from spowatch.doctor.surroundings import surroundings, the_lease
from spowatch.metrics.meters import Meters
from spowatch.metrics.served import metrics_served
from spowatch.open_store import Store
from spowatch.policy_file import EXAMPLE
from spowatch.settings.faults import SettingsError
from spowatch.settings.metrics import MetricsSettings
from spowatch.settings.policy import PolicySettings
from spowatch.settings.root import KafkaTransport, TlsSecurity
from spowatch.settings.seal import SealSettings
from spowatch.store.sqlite_connection import StoreUnavailable
from spowatch.wiring.ledger import opened_ledger
from spowatch.wiring.sheets import opened_sheet
from spowatch.wiring.store import migrate, opened, sweep, throw_away
from tests.servers.kafka_secured import made_certificates
from tests.servers.ports import free_port
from tests.stories import NOW, store_at, tell, unnotified_order


def looked(store: Store, *, after: timedelta = timedelta(0)) -> dict[str, Finding]:
    return {found[0]: found for found in surroundings(store, lambda: NOW + after, None)}


def bad(store: Store, *, after: timedelta = timedelta(0)) -> set[str]:
    return {name for name, (_, ok, *_) in looked(store, after=after).items() if not ok}


def changed(store: Store, **settings: object) -> Store:
    object.__setattr__(store, "settings", store.settings.model_copy(update=settings))
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with store_at(tmp_path) as opened:
        yield opened


def test_nothing_is_wrong_around_a_new_store(store: Store) -> None:
    assert bad(store) == set()


def test_what_hangs_is_left_behind_and_what_is_refused_is_said() -> None:
    def refused() -> Finding:
        raise StoreUnavailable(Path("log"), "is gone", "bring it back")

    def wrong() -> Finding:
        raise ZeroDivisionError

    never = Event()
    hung = in_time("witness", lambda: ("witness", never.wait(60), "", ""), patience=0.05)
    assert hung[:3] == ("witness", False, "no answer within 0.05 s")
    assert in_time("log", refused)[:3] == ("log", False, "log: is gone; bring it back")
    assert in_time("sum", wrong)[:3] == ("sum", False, "the question failed: ZeroDivisionError")
    never.set()


def test_a_deadline_that_no_sweep_raised_is_found(store: Store) -> None:
    before = datetime(2026, 11, 22, 12, tzinfo=UTC)
    tell(store, "KENT-1", *unnotified_order(), now=before)
    with opened_sheet(store.settings) as sheet:
        sweep(store, sheet, lambda: before).read(0)
        due = sheet.next_due()
    assert due == datetime(2026, 11, 23, tzinfo=UTC)
    assert bad(store, after=before - NOW) == set()
    assert bad(store, after=due - NOW + timedelta(minutes=2)) == {"deadlines"}


def test_a_rota_with_a_gap_is_found(tmp_path: Path) -> None:
    begin, end = NOW + timedelta(hours=3), NOW + timedelta(hours=5)
    down = f'begin = "{begin.isoformat()}", end = "{end.isoformat()}"'
    stood_down = f'stand_ins = [{{ role = "supervisor", {down} }}]'
    file = tmp_path / "policy.toml"
    whole = EXAMPLE.read_text(encoding="utf-8")
    with_a_gap = whole.replace('force = "Kent"\n', f'force = "Kent"\n{stood_down}\n')
    assert rota_of(file, whole, tmp_path)[1]
    _, fit, told, _ = rota_of(file, with_a_gap, tmp_path)
    assert not fit
    assert told.startswith("gaps in 7 days: 1, first Kent: supervisor from ")


def rota_of(file: Path, text: str, folder: Path) -> Finding:
    file.write_text(text)
    settings = throw_away(folder / "store").model_copy(update={"policy": PolicySettings(file=file)})
    migrate(settings)
    with opened(settings) as store:
        return looked(store)["rota"]


def test_each_volume_is_looked_at_also_that_of_the_witness(store: Store) -> None:
    seen = changed(store, seal=SealSettings(witness=Path("/dev/shm/witness")))  # noqa: S108 - another volume, and nothing is written there
    assert "of 2 volumes the least" in looked(seen)["free disk"][2]


def test_a_certificate_is_told_of_two_weeks_before_it_runs_out(
    store: Store, tmp_path: Path
) -> None:
    made, today = made_certificates(tmp_path, "desk"), datetime.now(UTC)
    tls = TlsSecurity(kind="tls", ca_file=made.authority, cert_file=made.certificate("desk"))
    broker = KafkaTransport(kind="kafka", bootstrap="127.0.0.1:1", security=tls)
    settings = changed(store, transport=broker).settings
    found = {days: certificates(settings, today + timedelta(days)) for days in (-20, -5, 2)}
    assert [ok for _, ok, *_ in found.values()] == [True, False, False]
    assert re.match("SPO_TRANSPORT__SECURITY__(CA|CERT)_FILE: ran out at 2", found[2][2])
    made.authority.write_text("no certificate")
    assert "CA_FILE: holds no certificate" in certificates(settings, today)[2]


def test_whose_turn_it_is_to_relay_is_told_and_that_nobody_took_it(store: Store) -> None:
    kafka = KafkaTransport(kind="kafka", bootstrap="127.0.0.1:1")
    changed(store, transport=kafka)
    for _ in range(2):
        assert the_lease(store)[1:3] == (False, "no relay ever had it")
        assert not store.settings.relay_path.exists()
    with opened_ledger(store.settings, kafka.prefix) as ledger:
        ledger.acquire("host-a:17", seconds=60)
        assert the_lease(store)[2].startswith("host-a:17, token 1, for ")
        ledger.acquire("host-a:17", seconds=-1)
    assert the_lease(store)[1:3] == (False, "host-a:17, token 1, run out")


def targets(folder: Path, **ports: int) -> Path:
    file = folder / "targets.json"
    told = [{"targets": [f"127.0.0.1:{p}"], "labels": {"process": n}} for n, p in ports.items()]
    file.write_text(json.dumps(told))
    return file


def asked(store: Store, file: Path) -> dict[str, Finding]:
    return {name: look() for name, look in answering(store.settings, file)}


def test_each_process_is_asked_whether_its_roles_are_at_work(store: Store, tmp_path: Path) -> None:
    meters, where = Meters(), list[str]()
    meters.vitals.expect(["alert"])
    with metrics_served(
        MetricsSettings(port=0), meters, lambda said: where.append(said["address"])
    ):
        port = int(where[0].split(":")[2].split("/")[0])
        file = targets(tmp_path, desk=port, gone=free_port())
        found = asked(store, file)
        _, fit, said, *_ = found["process desk"]
        assert not fit
        assert re.fullmatch(r"alert has not started for \d+ s", said)
        assert "does not answer" in found["process gone"][2]
        meters.vitals.ready("alert")
        assert asked(store, file)["process desk"][1:3] == (True, "at work: alert")


def test_a_file_of_targets_that_is_none_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "targets.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"targets\.json: not a list of Prometheus's targets"):
        asked(store, tmp_path / "targets.json")
