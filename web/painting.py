"""That an alert was painted on a board, as a step of the desk: browsers take it, nobody types it."""

from datetime import datetime

from domain.desk.case import AlertCase
from domain.desk.hands import Hand
from domain.desk.steps import Step


class Paint(Step):
    """It stands on a screen. Recorded once, for the force that has the alert."""

    NAME = "paint"

    def take(self, case: AlertCase, hand: Hand, now: datetime) -> None:
        if case.is_for(hand.force):
            case.present(hand, now)
