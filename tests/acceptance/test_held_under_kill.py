"""A hold that ends while everything is killed again and again: told once, by each way, and not before."""

from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pydantic import SecretStr

from domain.desk.hands import DeskRole, Hand
from domain.desk.suppression_desk import SuppressionDesk
from domain.desk.suppressions import SuppressionKind, Wish
from spowatch.settings.outward import WebhookSettings
from spowatch.wiring.outward import begin_receivers
from spowatch.wiring.store import now, opened, throw_away
from tests.acceptance.case_files import (
    breach,
    line,
    new_store,
    order_in_force,
    said_on,
    written,
)
from tests.forked_program import run
from tests.program import PATIENCE, Program
from tests.servers.receiver import Receiver, receiving

HELD = timedelta(seconds=6)
ROLES = ("alert", "sweep", "deliver", "outward", "outward-urgent")
MOMENTS = (0.05, 0.25, 0.15, 0.3)
"""Seconds after a role is ready, or after the hold has ended, at which everything is killed."""


def decided(store: Path, receiver: Receiver) -> float:
    """When the hold ends, on the machine's clock; the receiver has begun before."""
    webhook = WebhookSettings(url=SecretStr(receiver.url))
    settings = throw_away(store).model_copy(update={"webhook": webhook})
    with opened(settings) as found:
        begin_receivers(["outward:webhook"], found, now())
        wish = Wish(SuppressionKind.MAINTENANCE, ["P-CONTACT-DIRECT"], "tag replaced", HELD)
        hand = Hand("K2001", DeskRole.SUPERVISOR, "Kent", "CR-1")
        return SuppressionDesk(found.register).decide(wish, hand, now()).ends.timestamp()


def killed_until(ends: float, store: Path, receiver: Receiver) -> None:
    """Started and killed, the last time just after the hold has ended."""
    settings = {"SPO_WEBHOOK__URL": receiver.url}
    for number, moment in enumerate(MOMENTS):
        with Program("run", *ROLES, "--data-dir", str(store), settings=settings) as program:
            program.said.until(lambda each: each.startswith("READY deliver"))
            left = ends - now().timestamp()
            sleep(max(left, 0) / (len(MOMENTS) - number) + moment)
            program.kill()


def test_it_is_told_once_by_each_way_and_not_before_the_hold_ends(tmp_path: Path) -> None:
    store = new_store(tmp_path / "store")
    with receiving() as receiver:
        ends = decided(store, receiver)
        facts = [*order_in_force(), breach("rang at night")]
        file = written(tmp_path / "facts.jsonl", [line("KENT/1", *facts)])
        assert run("import", str(file), "--data-dir", str(store)).returncode == 0
        killed_until(ends, store, receiver)
        settings = {"SPO_WEBHOOK__URL": receiver.url}
        with Program("run", *ROLES, "--data-dir", str(store), settings=settings) as program:
            program.said.until(lambda each: each.startswith("READY deliver"))
            deadline = monotonic() + PATIENCE
            while not (receiver.reached and said(store)):
                assert monotonic() < deadline, "nobody was told"
                sleep(0.05)
            assert program.stop() == 0
    (told,) = said(store)
    assert len({each.headers["webhook-id"] for each in receiver.reached}) == 1
    assert receiver.reached[0].headers["webhook-id"] == told["alert"]
    sent_at = [int(each.headers["webhook-timestamp"]) for each in receiver.reached]
    assert min(sent_at) >= int(ends)


def said(store: Path) -> list[dict[str, Any]]:
    return [each for each in said_on(store / "console.jsonl") if "alert" in each]
