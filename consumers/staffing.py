"""Staffing: looks ahead at every rota, and puts a gap before people while there is time to fill it."""

import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import Protocol

from eventsourcing.persistence import IntegrityError

from domain.desk.contacts import ContactMethod
from domain.desk.policy_book import PolicyBook
from domain.desk.rota import Gap, staffing_faults
from domain.desk.staffing import POLICY_STREAM, DutyRecord, PolicyRecord, duty_stream
from domain.events import Stream
from domain.register import OrderRegister

LOOK_EVERY = 10.0
"""Seconds, on the monotonic clock."""


class Policy(Protocol):
    """The policy file, read again when it changes."""

    @property
    def refused(self) -> tuple[str, ...]:
        """Why the file as it is now is not taken."""
        ...

    def current(self) -> PolicyBook:
        """The policy that holds now."""
        ...


class Staffing:
    """Safe to run twice: each gap is on record once."""

    def __init__(
        self,
        policy: Policy,
        register: OrderRegister,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        set_up: Collection[str],
        works: Callable[[ContactMethod], bool],
    ) -> None:
        """`set_up` are the channels there are settings for; one that is not is said once, for all.

        `works` says of a contact method whether it is known to fail.
        """
        self._policy = policy
        self._register = register
        self._now = now
        self._monotonic = monotonic
        self._set_up = set_up
        self._works = works
        self._seen: object = None
        self._next_look = 0.0
        self._asleep = threading.Event()

    def work(self, wait: float) -> int:
        """Look, when it is time again or the policy changed; waits at most `wait` seconds.

        How many rotas were looked at.
        """
        found = self._policy.current(), self._policy.refused
        left = self._next_look - self._monotonic()
        if left > 0 and found == self._seen:
            self._asleep.wait(min(wait, left))
            return 0
        looked_at = self._look()
        self._seen, self._next_look = found, self._monotonic() + LOOK_EVERY
        return looked_at

    def _look(self) -> int:
        book, now = self._policy.current(), self._now()
        self._say_of_the_file(book, now)
        for force, rota in book.rotas.items():
            gaps = staffing_faults(rota, now, now + book.look_ahead, self._works)
            by_role = {role: list(each) for role, each in groupby(gaps, key=lambda gap: gap.role)}
            for role in sorted(rota.must_be_filled):
                record = self._register.read(DutyRecord(duty_stream(force, role)))
                _compare(record, force, by_role.get(role, []), now)
                if not by_role.get(role):
                    record.covered(force, role, now)
                self._keep([record])
        return len(book.rotas)

    def _say_of_the_file(self, book: PolicyBook, now: datetime) -> None:
        record = self._register.read(PolicyRecord(POLICY_STREAM))
        if self._policy.refused:
            record.refused(self._policy.refused[0], now)
        else:
            record.taken(book.version, book.channels - set(self._set_up), now)
        self._keep([record])

    def _keep(self, streams: Iterable[Stream]) -> None:
        with suppress(IntegrityError):  # another process said it in the same moment
            self._register.keep(streams)


def _compare(record: DutyRecord, force: str, gaps: Iterable[Gap], now: datetime) -> None:
    """The earliest first: only what was not said is said."""
    for gap in sorted(gaps, key=lambda each: each.begin):
        record.found(force, gap, now)
