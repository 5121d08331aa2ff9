"""What every channel promises, whatever is at its other end."""

from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from consumers.channels.message import Channel, Message, Never, NotNow, Recipient, Reply, Taken
from tests.consumers.channels.messages import message
from tests.contracts.far_ends import FarEnd

NOWHERE = Recipient("nobody", SecretStr("http://127.0.0.1:1/"))


@dataclass(frozen=True)
class Way:
    """A channel, somebody at its other end, and that other end."""

    channel: Channel
    to: Recipient
    end: FarEnd
    to_nobody: Channel
    """The same channel, whose server is not there."""
    what: str = "raised"

    def send(self, what: str | None = None) -> Reply:
        return self.channel.send(self.message(what), self.to)

    def message(self, what: str | None = None) -> Message:
        return message(what or self.what)


class ChannelContract:
    """Subclass with a fixture `way`."""

    def test_what_is_taken_is_taken(self, way: Way) -> None:
        assert isinstance(way.send(), Taken)
        assert len(way.end.ids()) == 1

    def test_every_attempt_has_the_same_id_and_it_is_the_messages(self, way: Way) -> None:
        way.end.told_to("fails", "drops", "takes")
        assert [type(way.send()) for _ in range(3)] == [NotNow, NotNow, Taken]
        (identity,) = set(way.end.ids())
        assert str(way.message().id) in identity
        assert len(way.end.ids()) == 3

    @pytest.mark.parametrize("what", ["fails", "busy", "garbage", "drops"])
    def test_what_may_have_arrived_or_may_yet_is_sent_again(self, way: Way, what: str) -> None:
        way.end.told_to(what)
        assert isinstance(way.send(), NotNow)

    def test_what_can_never_arrive_is_not(self, way: Way) -> None:
        way.end.told_to("refuses")
        assert isinstance(way.send(), Never)

    def test_nobody_there_is_not_now(self, way: Way) -> None:
        assert isinstance(way.to_nobody.send(way.message(), NOWHERE), NotNow)

    def test_no_reply_says_where_it_went(self, way: Way) -> None:
        way.end.told_to("refuses", "fails", "garbage", "drops")
        replies = [repr(way.send()) for _ in range(4)]
        replies.append(repr(way.to_nobody.send(way.message(), NOWHERE)))
        address = way.to.address.get_secret_value()
        assert not [reply for reply in replies if address in reply or "127.0.0.1" in reply]
        assert address not in repr(way.to)
