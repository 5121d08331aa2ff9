"""The change of shifts from the board: leave what is yours, take what is left, sign for it, go."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from domain.desk.case import AlertCase
from domain.desk.handovers import Handover, HandoverPrepared
from domain.desk.hands import Hand
from domain.desk.shift_desk import ShiftDesk
from domain.open_alerts import alerts_of
from spowatch.log_pages import pages, stream_of

if TYPE_CHECKING:
    from spowatch.open_store import Store


class ShiftChange:
    """What one person does; each says what came of it. Raises `Refused`."""

    def __init__(self, store: "Store", hand: Hand, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._hand = hand
        self._clock = clock

    def pass_on(self, case: AlertCase) -> str:
        """One's own alerts are left to the next shift; somebody else's is taken, where it was left."""
        owner = case.ownership.staff
        if owner in (None, self._hand.staff):
            return self._leave()
        left = [
            each for each in self._unsigned() if each.left_by == owner and case.id in each.alerts
        ]
        if not left:
            return f"{owner} has not prepared a hand-over of it."
        taken = self._desk.accept(left[-1].id, case.id, self._hand, self._clock())
        note = f" {owner}: {left[-1].note}" if left[-1].note else ""
        return f"{str(taken.id)[:8]} is yours. Take the others, then sign with g.{note}"

    def sign(self) -> str:
        """For the oldest hand-over of which this person took something."""
        mine = [each for each in self._unsigned() if self._hand.staff in each.accepted.values()]
        if not mine:
            return "You have taken nothing of a hand-over that is not signed."
        self._desk.sign(mine[0].id, self._hand, self._clock())
        return f"You have signed for the shift of {mine[0].left_by}."

    def sign_off(self) -> None:
        theirs = alerts_of(self._store.register, self._hand.staff, self._hand.force)
        self._desk.sign_off(self._hand, theirs, self._clock())

    @property
    def _desk(self) -> ShiftDesk:
        return ShiftDesk(self._store.register, rotas=self._store.policy.current().rotas)

    def _leave(self) -> str:
        theirs = alerts_of(self._store.register, self._hand.staff, self._hand.force)
        if not theirs:
            return "Nothing is yours to hand over."
        prepared = self._desk.prepare(self._hand, theirs, self._clock())
        return (
            f"Hand-over {str(prepared.id)[:8]}: {len(theirs)} to be taken by name; yours till then."
        )

    def _unsigned(self) -> list[Handover]:
        found: dict[UUID, None] = {
            stream_of(each): None for each in pages(self._store, [HandoverPrepared.TOPIC])
        }
        handovers = (self._store.register.read(Handover(each)) for each in found)
        return [each for each in handovers if not each.signed and each.force == self._hand.force]
