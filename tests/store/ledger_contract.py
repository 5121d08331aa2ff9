"""What every relay's ledger promises, whatever it is kept in; each test is given an empty one."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import monotonic
from typing import Any

import pytest

from consumers.relay_ledger import LeaseLost, Sent

TOPIC, OTHER = "spo.order.events.v1", "spo.alert.requested.v1"
KEEPS = {TOPIC: timedelta(days=14), OTHER: timedelta(days=30)}
SHORT, LONG = 0.3, 60.0

Ledger = Any
"""SqliteRelayLedger or PostgresRelayLedger."""

Opened = Callable[[], Ledger]
"""The same ledger once more, as another process opens it."""

Aged = Callable[[Mapping[int, timedelta]], None]
"""Makes what was sent at these positions so much older."""


def sent(position: int, offset: int, *, topic: str = TOPIC, partition: int = 0) -> Sent:
    return Sent(position, topic, partition, offset, position.to_bytes(16))


def lease(ledger: Ledger, holder: str = "one") -> int:
    token = ledger.acquire(holder, seconds=60)
    assert token is not None
    return int(token)


class LedgerContract:
    def test_one_relay_has_the_lease_until_it_has_run_out(
        self, ledger: Ledger, again: Opened
    ) -> None:
        other = again()
        assert not other.lease().holder
        first = ledger.acquire("one", seconds=LONG)
        assert ledger.acquire("one", seconds=LONG) == first
        held = other.lease()
        assert (held.holder, held.token) == ("one", first)
        assert held.left <= LONG
        assert other.acquire("two", seconds=60) is None
        began = monotonic()
        assert ledger.acquire("one", seconds=SHORT) == first
        waited = Event()
        while (second := other.acquire("two", seconds=60)) is None:
            assert monotonic() - began < LONG
            waited.wait(0.01)
        assert monotonic() - began >= SHORT * 0.9
        assert second > first
        assert ledger.acquire("one", seconds=60) is None

    def test_of_relays_that_ask_in_the_same_moment_one_gets_the_lease(self, again: Opened) -> None:
        ledgers = [again() for _ in range(4)]

        def asked(number: int) -> int | None:
            token: int | None = ledgers[number].acquire(f"relay {number}", seconds=60)
            return token

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(asked, range(4)))
        assert sum(token is not None for token in found) == 1

    def test_who_has_lost_the_lease_changes_nothing(self, ledger: Ledger, again: Opened) -> None:
        token = ledger.acquire("one", seconds=0)
        ledger.acknowledged([sent(1, 0)], 1, token=token)
        new = lease(again(), "two")
        with pytest.raises(LeaseLost, match=f"token {token}"):
            ledger.acknowledged([sent(2, 1)], 2, token=token)
        with pytest.raises(LeaseLost):
            ledger.lose(TOPIC, 0, 0, token=token)
        assert ledger.position() == 1
        assert ledger.ends() == {(TOPIC, 0): 1}
        assert ledger.lost() == []
        ledger.acknowledged([sent(2, 1)], 2, token=new)
        assert ledger.position() == 2

    def test_what_was_acknowledged_is_there_for_whoever_comes_after(
        self, ledger: Ledger, again: Opened
    ) -> None:
        token = lease(ledger)
        ledger.acknowledged(
            [sent(3, 0), sent(4, 0, partition=1), sent(3, 7, topic=OTHER)], 4, token=token
        )
        ledger.acknowledged([sent(5, 1)], 5, token=token)
        ledger.acknowledged([], 2, token=token)
        after = again()
        assert after.position() == 5
        assert after.ends() == {(TOPIC, 0): 2, (TOPIC, 1): 1, (OTHER, 0): 8}
        assert after.latest(TOPIC, 0, limit=5) == [sent(5, 1), sent(3, 0)]
        assert after.latest(TOPIC, 0, limit=1) == [sent(5, 1)]

    def test_what_was_lost_is_told_in_the_order_of_the_log_until_it_was_sent_again(
        self, ledger: Ledger
    ) -> None:
        token = lease(ledger)
        lying = [sent(9, 2), sent(4, 0), sent(6, 1), sent(5, 0, partition=1)]
        ledger.acknowledged(lying, 9, token=token)
        ledger.lose(TOPIC, 0, 1, token=token)
        assert [(each.position, each.offset) for each in ledger.lost()] == [(6, -1), (9, -1)]
        assert ledger.ends() == {(TOPIC, 0): 1, (TOPIC, 1): 1}
        ledger.acknowledged([sent(6, 1), sent(9, 2)], 0, token=token)
        assert ledger.lost() == []
        assert ledger.ends() == {(TOPIC, 0): 3, (TOPIC, 1): 1}
        assert ledger.position() == 9

    def test_of_what_was_lost_what_the_log_tells_no_more_is_forgotten_and_nothing_else(
        self, ledger: Ledger, again: Opened
    ) -> None:
        first = lease(ledger)
        ledger.acknowledged([sent(n, n) for n in range(3)], 3, token=first)
        ledger.acknowledged([sent(1, 0, topic=OTHER)], 3, token=first)
        ledger.lose(TOPIC, 0, 1, token=first)
        ledger.lose(OTHER, 0, 0, token=first)
        ledger.forget([sent(0, 0), sent(1, -1)], token=first)
        assert [(each.position, each.topic) for each in ledger.lost()] == [(1, OTHER), (2, TOPIC)]
        assert positions(ledger, TOPIC) == [0]
        ledger.acquire("one", seconds=0)
        lease(again(), "two")
        with pytest.raises(LeaseLost):
            ledger.forget([sent(2, -1)], token=first)
        assert len(ledger.lost()) == 2

    def test_a_topic_that_is_gone_with_all_it_held_is_lost_whole(self, ledger: Ledger) -> None:
        token = lease(ledger)
        ledger.acknowledged([sent(n, n) for n in range(25_000)], 25_000, token=token)
        ledger.lose(TOPIC, 0, 0, token=token)
        assert len(ledger.lost()) == 25_000
        assert ledger.ends() == {}

    def test_what_its_topic_keeps_no_longer_goes_a_few_at_a_time(
        self, ledger: Ledger, aged: Aged
    ) -> None:
        token = lease(ledger)
        ledger.acknowledged([sent(n, n) for n in range(10)], 10, token=token)
        ledger.acknowledged([sent(n, n, topic=OTHER) for n in range(10)], 10, token=token)
        aged({n: timedelta(days=15 + (9 - n)) for n in range(9)})
        ledger.acknowledged([sent(11, 11)], 11, token=token)
        assert positions(ledger, TOPIC) == [2, 3, 4, 5, 6, 7, 8, 9, 11]
        for n in range(12, 16):
            ledger.acknowledged([sent(n, n)], n, token=token)
        assert positions(ledger, TOPIC) == [9, 11, 12, 13, 14, 15]
        assert positions(ledger, OTHER) == list(range(10))

    def test_what_was_lost_stays_however_old_it_is(self, ledger: Ledger, aged: Aged) -> None:
        token = lease(ledger)
        ledger.acknowledged([sent(1, 0), sent(2, 1)], 2, token=token)
        ledger.lose(TOPIC, 0, 1, token=token)
        aged({1: timedelta(days=99), 2: timedelta(days=99)})
        ledger.acknowledged([sent(3, 1), sent(4, 2)], 4, token=token)
        assert [each.position for each in ledger.lost()] == [2]
        assert positions(ledger, TOPIC) == [3, 4]


def positions(ledger: Ledger, topic: str) -> list[int]:
    return [each.position for each in reversed(ledger.latest(topic, 0, limit=100))]
