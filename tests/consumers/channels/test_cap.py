from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
import xmlschema

from consumers.channels.cap import NAMESPACE, cap_alert
from tests.consumers.channels.messages import message

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "CAP-v1.2.xsd")
WINTER, SUMMER = datetime(2026, 12, 1, 2, 14, tzinfo=UTC), datetime(2026, 7, 1, 2, 14, tzinfo=UTC)
CHANGE = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)


def written(what: str = "raised", at: datetime = WINTER, *, exercise: bool = False) -> bytes:
    told = message(what, at, exercise=exercise)
    return cap_alert(told, sender="spowatch.kent.example", addresses=("essex", "met police"))


def text(document: bytes, name: str) -> str | None:
    return fromstring(document).findtext(f"{{{NAMESPACE}}}{name}")  # noqa: S314 - our own


@pytest.mark.parametrize("at", [WINTER, SUMMER, CHANGE])
@pytest.mark.parametrize("what", ["raised", "escalated", "resounded", "withdrawn", "line_test"])
def test_it_is_valid_in_winter_and_in_summer(what: str, at: datetime) -> None:
    SCHEMA.validate(written(what, at).decode())


def test_times_have_the_offset_that_london_has() -> None:
    assert text(written(at=WINTER), "sent") == "2026-12-01T02:14:00+00:00"
    assert text(written(at=SUMMER), "sent") == "2026-07-01T03:14:00+01:00"


def test_a_withdrawal_cancels_the_first_message() -> None:
    first = written()
    gone = written("withdrawn", SUMMER)
    assert text(gone, "msgType") == "Cancel"
    sender, identifier, _ = (text(gone, "references") or "").split(",")
    assert (sender, identifier) == (text(first, "sender"), text(first, "identifier"))


def test_an_exercise_says_so() -> None:
    assert text(written(exercise=True), "status") == "Exercise"
    assert text(written(), "status") == "Actual"


def test_it_is_never_public() -> None:
    assert text(written(), "scope") == "Private"
    assert text(written(), "addresses") == 'essex "met police"'
