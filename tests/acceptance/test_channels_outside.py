"""The running program tells everybody outside at once: thinly, by every way, whatever is killed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.acceptance.case_files import breach, line, new_store, order_in_force, written
from tests.acceptance.systems import next_alert
from tests.contracts.far_ends import FarEnd, http_end, mail_end
from tests.forked_program import run
from tests.program import PATIENCE, Program

NOTIFY_KEY = f"duty{'-0f5a1b22-0000-4000-8000-000000000001' * 2}"
CANARIES = (
    "Zebedee Canary",
    "Victoria Nightingale",
    "Hummingbird Close",
    "Kingfisher Villas",
    "zebedee@nowhere",
    "a heron at the window",
    "not to approach Nightingale",
)
"""A defendant, a protected person, where each lives, and what was written about them."""

ROLES = ("alert", "deliver", "outward-urgent", "outward", "receipts")
"""Without the line test, which goes to everybody too."""

WEBHOOK, HMPPS, CAP, TRANSFER = (
    "WEBHOOK__URL",
    "HMPPS__URL",
    "CAP__TO__ESSEX",
    "TRANSFER__TO__ESSEX",
)


@dataclass
class World:
    """Somebody at every end, and the settings that name them."""

    ends: Mapping[str, FarEnd]
    settings: Mapping[str, str]

    def reached(self, name: str, count: int) -> None:
        until(lambda: len(self.ends[name].ids()) >= count, f"{name}: {count} messages")


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, what
        sleep(0.05)


@contextmanager
def world() -> Iterator[World]:
    with ExitStack() as stack:
        posted = {name: stack.enter_context(http_end()) for name in (WEBHOOK, HMPPS, CAP, TRANSFER)}
        mail, notify = stack.enter_context(mail_end()), stack.enter_context(http_end(notify=True))
        settings = {name: end.receiver.url for name, end in posted.items()} | {
            "CAP__SENDER": "spowatch.kent.example",
            "TRANSFER__SENDER": "spowatch.kent",
            "MAIL__HOST": "127.0.0.1",
            "MAIL__PORT": str(mail.port),
            "MAIL__TLS": "false",
            "MAIL__SENDER": "alerts@kent.example",
            "MAIL__TO__DUTY": "duty@kent.example",
            "TEXT__API": f"http://127.0.0.1:{notify.receiver.port}",
            "TEXT__API_KEY": NOTIFY_KEY,
            "TEXT__TEMPLATE": "template-1",
            "TEXT__TO__DUTY": "07700900001",
        }
        named = {f"SPO_{name}": value for name, value in settings.items()}
        yield World({**posted, "mail": mail, "text": notify}, named)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return new_store(tmp_path / "store")


def tell(store: Path) -> None:
    made, *rest = order_in_force()
    named, victim, home, villas, mail, heron, wording = CANARIES
    made["data"] |= {
        "defendant": {"name": named},
        "protected": [{"name": victim, "safe_contact": mail}],
    }
    rest[0]["data"]["conditions"] = [{"code": "P-CONTACT-DIRECT", "wording": wording}]
    rest[2]["data"] |= {"names": [named], "home_address": f"1 {home}, Dover"}
    broken = breach("rang at night")
    broken["data"] |= {"narrative": heron, "place": f"2 {villas}, Dover", "markers": ["weapon"]}
    file = written(store.parent / "facts.jsonl", [line("KENT/1", made, *rest, broken)])
    done = run("import", str(file), "--data-dir", str(store))
    assert done.returncode == 0, done.stdout + done.stderr


def test_everybody_is_told_thinly_and_once(store: Path, tmp_path: Path) -> None:
    log = tmp_path / "stderr"
    with (
        world() as outside,
        log.open("wb") as errors,
        Program(
            "run", *ROLES, "--data-dir", str(store), settings=outside.settings, errors=errors
        ) as program,
    ):
        outside.ends["mail"].told_to("drops")
        tell(store)
        for name in (WEBHOOK, HMPPS, CAP, "text"):
            outside.reached(name, 1)
        outside.reached("mail", 2)
        alert = str(next_alert(program)["alert"])
        desk(store, "acknowledge", alert, "--as", "PC1")
        desk(store, "offer", alert, "--as", "PC1", "--to-force", "Essex", "--reason", CANARIES[5])
        outside.reached(TRANSFER, 1)
        desk(store, "reject", alert, "--as", "PC9", "--force", "Essex", "--reason", CANARIES[5])
        deliveries = delivered(
            store, alert, "mail duty, raised", "transfer essex, transfer_offered"
        )
        known = desk(store, "show", alert, of="alerts") + desk(store, "show", "KENT/1", of="order")
        assert program.stop() == 0
        wires = {name: end.wire().decode() for name, end in outside.ends.items()}
        ids = {name: end.ids() for name, end in outside.ends.items()}
    assert [canary for canary in CANARIES if canary not in known] == []
    for name, wire in {**wires, "log": log.read_text(), "deliveries": deliveries}.items():
        assert not [canary for canary in CANARIES if canary in wire], name
    assert len(ids["mail"]) == 2
    assert {len(set(each)) for each in ids.values()} == {1}
    assert deliveries.count("attempted 2") == 1


def delivered(store: Path, alert: str, *messages: str) -> str:
    """The deliveries of that alert, once each of these was accepted: that is written after it arrived."""
    said = ""

    def accepted() -> bool:
        nonlocal said
        said = desk(store, "deliveries", alert)
        return all(f"{each}: accepted" in said for each in messages)

    until(accepted, f"{messages} accepted")
    return said


def desk(store: Path, *step: str, of: str = "desk") -> str:
    done = run(of, *step, "--data-dir", str(store))
    assert done.returncode == 0, done.stdout + done.stderr
    said: str = done.stdout
    return said


def test_from_a_store_for_training_nothing_leaves_though_everybody_is_set(tmp_path: Path) -> None:
    store = tmp_path / "training"
    with world() as outside:
        play = ("demo", "--fast", "100000", "--days", "2", "--orders", "10")
        assert run(*play, "--data-dir", str(store), settings=outside.settings).returncode == 0
        for roles in ((), ("outward-urgent:webhook",)):
            refused = run("run", *roles, "--data-dir", str(store), settings=outside.settings)
            assert refused.returncode == 1
            assert "training store" in refused.stderr
        assert not [name for name, end in outside.ends.items() if end.ids()]


def test_a_wrong_setting_is_said_in_one_line_that_names_it(store: Path) -> None:
    settings = {"SPO_WEBHOOK__URL": "https://cad.example/", "SPO_WEBHOOK__KEY": "very-secret"}
    done = run("run", "outward", "--data-dir", str(store), settings=settings)
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert "SPO_WEBHOOK__KEY: " in said
    assert "very-secret" not in done.stdout + done.stderr


def test_a_role_without_a_receiver_says_what_to_set(store: Path) -> None:
    done = run("run", "outward", "--data-dir", str(store))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "SPO_WEBHOOK__URL" in done.stderr
