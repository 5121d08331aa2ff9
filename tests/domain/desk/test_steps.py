import pytest
from pydantic import ValidationError

from domain.desk.steps import STEPS


@pytest.mark.parametrize(
    ("step", "given"),
    [
        ("task", {"unit": "", "incident": "7"}),
        ("task", {"unit": "KX1", "incident": " "}),
        ("task", {"unit": "KX\x001", "incident": "7"}),
        ("attending", {"unit": "KX1\n"}),
        ("outcome", {"outcome": "arrested", "reference": "\x7f"}),
        ("offer", {"to_force": "", "reason": "lives there"}),
        ("offer", {"to_force": "Nowhere", "reason": "lives there"}),
        ("grade", {"priority": 0, "reason": "x"}),
        ("grade", {"priority": 1, "reason": "x\x0by"}),
        ("grade", {"priority": 1, "reason": "x" * 2_001}),
        ("tell", {"how": ""}),
    ],
)
def test_a_step_that_cannot_be_meant_is_not_taken(step: str, given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        STEPS[step].model_validate(given)


@pytest.mark.parametrize("reason", ["seen at her door\r\n\ttwice", "x" * 2_000])
def test_a_reason_may_have_several_lines(reason: str) -> None:
    assert STEPS["reopen"].model_validate({"reason": reason}).model_dump() == {"reason": reason}


def test_an_offer_is_to_a_force_by_its_own_name() -> None:
    offer = STEPS["offer"].model_validate({"to_force": "devon & cornwall", "reason": "lives there"})
    assert offer.model_dump()["to_force"] == "Devon and Cornwall"
