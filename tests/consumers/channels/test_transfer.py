from dataclasses import replace

import pytest

from consumers.channels.transfer import STEPS, transfer_form
from tests.consumers.channels.messages import message


@pytest.mark.parametrize("what", list(STEPS))
def test_the_owner_is_whoever_has_the_alert_and_not_whose_order_it_is(what: str) -> None:
    kents_order = replace(message(what), held_by="Sussex")
    assert "<owner>Sussex</owner>" in transfer_form("spowatch.sussex").written(kents_order)
