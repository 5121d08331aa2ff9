"""Bookmarks of what a consumer had nothing to do about: saved together, not in a transaction an event."""

from collections.abc import Callable
from datetime import datetime, timedelta

from eventsourcing.persistence import IntegrityError, ProcessRecorder, Tracking

from consumers.feed import TrackedFeed
from domain.published import OrderEvent

SAVED_EVERY = timedelta(seconds=1)


class PassedBy:
    """A bookmark costs a turn at the log and a flush of its disk, which breaches and alerts wait for.

    What is lost with it is read once more after a start, and again there is nothing to do about it.
    """

    def __init__(
        self, feed: TrackedFeed, recorder: ProcessRecorder, now: Callable[[], datetime]
    ) -> None:
        self._feed = feed
        self._recorder = recorder
        self._now = now
        self._since = now()
        self._rewinds = feed.rewinds
        self._unsaved: dict[str, Tracking] = {}

    def over(self, upto: OrderEvent) -> bool:
        """There was nothing to do up to there. False when another instance has been there before."""
        self._forget_if_rewound()
        if not self._unsaved:
            self._since = self._now()
        place = self._feed.tracking(upto)
        self._unsaved[place.application_name] = place
        self._feed.committed(upto)
        busy = timedelta(0) <= self._now() - self._since < SAVED_EVERY
        return busy or self.settle()

    def saved(self, place: Tracking) -> None:
        """A bookmark as far as that was saved with an effect."""
        self._unsaved.pop(place.application_name, None)

    def settle(self) -> bool:
        """Save what was passed. False when another instance has been there before: read on from where it is.

        What a store at fault did not take is saved at the next turn.
        """
        self._forget_if_rewound()
        try:
            for name, place in list(self._unsaved.items()):
                # Of a broker the feed itself passes over what is no message of ours.
                if (self._recorder.max_tracking_id(name) or 0) < place.notification_id:
                    self._recorder.insert_tracking(place)
                del self._unsaved[name]
        except IntegrityError:
            self._feed.rewind()
            return False
        return True

    def _forget_if_rewound(self) -> None:
        """What was passed before is read again; at a broker that lost its tail other records lie there now."""
        if self._rewinds != self._feed.rewinds:
            self._rewinds = self._feed.rewinds
            self._unsaved.clear()
