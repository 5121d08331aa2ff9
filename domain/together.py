"""One step on many alerts at once: read by one query, saved in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from domain.batches import halved, read_all
from domain.desk.case import AlertCase
from domain.desk.hands import Hand
from domain.desk.reading import under_its_policies
from domain.desk.steps import Step
from domain.races import retried
from domain.refusals import Refused
from domain.register import OrderRegister


def do_all(
    register: OrderRegister, alerts: Iterable[UUID], hand: Hand, now: datetime, step: Step
) -> None:
    """As the desk does it to each: one that is refused, or cannot be read, stays as it is.

    Whether `hand` is on duty is asked before. One that another writer was first to is decided again.
    """

    def attempt(some: Sequence[UUID]) -> dict[UUID, AlertCase]:
        if len(some) > 1:
            return _done(register, some, hand, now, step)
        return retried(lambda: _done(register, some, hand, now, step))

    found = list(dict.fromkeys(alerts))
    if found:
        halved(found, attempt, lambda *_: None)


def _done(
    register: OrderRegister, alerts: Sequence[UUID], hand: Hand, now: datetime, step: Step
) -> dict[UUID, AlertCase]:
    done = {}
    for alert, case in read_all(register, AlertCase, alerts).items():
        try:
            step.take(under_its_policies(case, register), hand, now)
        except Refused:
            continue
        done[alert] = case
    register.keep(done.values())
    return done
