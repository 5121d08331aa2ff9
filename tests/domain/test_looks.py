from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.consultations import Purpose
from domain.looks import DAY, MANY, Look, Odd, Oddity, oddities

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LOOK = Look(NOON, "1", "spoc", "Kent", "order", Purpose.INVESTIGATING, "KENT-1", None, "own")


def orders(count: int) -> list[Look]:
    return [replace(LOOK, reference=f"KENT-{number}") for number in range(count)]


def test_ordinary_work_stands_out_nowhere() -> None:
    assert oddities([LOOK] * 500 + orders(MANY), NOON) == []


def test_one_person_reading_many_orders_in_a_day_is_asked_about() -> None:
    found = orders(MANY + 1)
    assert oddities(found, NOON) == [Odd(Oddity.MANY_ORDERS, "1", "Kent", MANY + 1)]
    assert oddities(found, NOON + DAY) == []


def test_glass_no_alert_and_no_reason_are_counted_by_person() -> None:
    seen = [
        replace(LOOK, relation="granted"),
        replace(LOOK, who="2", role="operator"),
        replace(LOOK, who="2", role="operator"),
        replace(LOOK, who="3", purpose=Purpose.NOT_STATED),
        replace(LOOK, who="4", role="spoc"),
    ]
    assert oddities(seen, NOON + timedelta(hours=1)) == [
        Odd(Oddity.NO_ALERT, "2", "Kent", 2),
        Odd(Oddity.BEHIND_GLASS, "1", "Kent", 1),
        Odd(Oddity.NO_REASON, "3", "Kent", 1),
    ]
