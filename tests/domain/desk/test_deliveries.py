from datetime import timedelta
from uuid import UUID

from domain.desk.deliveries import (
    ANSWER_WITHIN,
    LONGEST_PAUSE,
    Delivery,
    DeliveryQueued,
    DeliveryState,
    delivery_id,
    pause_before,
)
from tests.domain.desk.desk_stories import after

ALERT = UUID(int=99)


def queued() -> Delivery:
    delivery = Delivery(delivery_id(ALERT, "raised", "webhook", "cad"))
    message = DeliveryQueued(
        alert_id=ALERT, what="raised", channel="webhook", receiver="cad", priority=1
    )
    delivery.queue(message, after())
    return delivery


def test_an_attempt_is_on_record_before_it_is_made() -> None:
    delivery = queued()
    assert delivery.attempt(after())
    assert delivery.state is DeliveryState.SENDING
    assert not delivery.attempt(after())


def test_a_sender_that_died_in_mid_send_sends_again_under_the_same_id() -> None:
    delivery = queued()
    delivery.attempt(after())
    assert not delivery.attempt(after(seconds=11))
    assert delivery.attempt(after() + ANSWER_WITHIN)
    assert delivery.attempts == 2
    assert delivery.id == delivery_id(ALERT, "raised", "webhook", "cad")


def test_what_did_not_work_is_tried_again_ever_more_slowly() -> None:
    delivery = queued()
    delivery.attempt(after())
    delivery.put_off(after(seconds=1), said="503")
    assert not delivery.attempt(after(seconds=2))
    assert delivery.attempt(after(seconds=3))
    assert [pause_before(n).total_seconds() for n in (2, 3, 4)] == [2, 4, 8]
    assert pause_before(40) == LONGEST_PAUSE


def test_a_receiver_that_asks_for_time_is_given_it() -> None:
    delivery = queued()
    delivery.attempt(after())
    delivery.put_off(after(), said="429", after=timedelta(seconds=40))
    assert delivery.next_change == after(seconds=40)


def test_receipts_out_of_order_and_twice_say_only_what_is_new() -> None:
    delivery = queued()
    delivery.attempt(after())
    delivery.accepted(after(seconds=1), provider_id="p-1")
    for state in (DeliveryState.READ, DeliveryState.DELIVERED, DeliveryState.READ):
        delivery.receipt(state, after(seconds=2), after(seconds=3))
    assert delivery.state is DeliveryState.READ
    assert delivery.version == 4


def test_a_receipt_settles_an_attempt_nobody_knew_of() -> None:
    delivery = queued()
    delivery.attempt(after())
    delivery.advance(after() + ANSWER_WITHIN)
    delivery.receipt(DeliveryState.DELIVERED, after(seconds=13), after(seconds=13))
    assert not delivery.attempt(after(hours=1))


def test_what_can_never_work_is_left_to_the_next_channel() -> None:
    delivery = queued()
    delivery.attempt(after())
    delivery.refused(after(), said="410")
    assert delivery.next_change is None
    delivery.receipt(DeliveryState.DELIVERED, after(), after())
    assert delivery.state is DeliveryState.FAILED


def test_what_is_called_off_is_sent_no_more() -> None:
    delivery = queued()
    delivery.attempt(after())
    assert not delivery.call_off(ALERT, after(seconds=1))
    delivery.put_off(after(seconds=1), said="503")
    assert delivery.call_off(ALERT, after(seconds=2))
    assert not delivery.attempt(after(seconds=60))
    assert delivery.state is DeliveryState.FAILED


def test_an_attempt_nobody_answered_is_called_off_once_it_is_given_up() -> None:
    delivery = queued()
    delivery.attempt(after())
    assert delivery.call_off(ALERT, after() + ANSWER_WITHIN)
    assert not delivery.attempt(after(seconds=60))


def test_what_was_taken_is_not_called_off() -> None:
    delivery = queued()
    delivery.attempt(after())
    delivery.accepted(after(seconds=1))
    version = delivery.version
    assert delivery.call_off(ALERT, after(seconds=2))
    assert (delivery.state, delivery.version) == (DeliveryState.ACCEPTED, version)
