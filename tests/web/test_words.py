import pytest

from domain.access import USUAL, Role
from domain.alerts import AlertClass, AlertCode
from domain.desk.hands import DeskRole
from domain.desk.record import Stage
from domain.desk.steps import STEPS
from web import words
from web.step_forms import forms  # noqa: F401 - its tables are made when it is imported
from web.stepping import Wrong, step_of


def test_everything_a_screen_shows_has_words() -> None:
    assert set(words.ALERTS) == set(AlertCode)
    assert set(words.ASKS) == set(AlertClass)
    assert set(words.ROLES) == set(Role)
    assert {str(role) for role in DeskRole} < {str(role) for role in Role}
    assert set(words.STAGES) == set(Stage)
    assert all(USUAL[Role(str(role))] for role in DeskRole)


@pytest.mark.parametrize("name", sorted(set(STEPS) - {"acknowledge", "review", "close", "accept"}))
def test_an_empty_form_is_answered_field_by_field(name: str) -> None:
    with pytest.raises(Wrong) as wrong:
        step_of(name, {})
    assert set(wrong.value.errors) <= set(STEPS[name].model_fields)
    assert all(wrong.value.errors.values())


def test_what_was_typed_is_not_said_back() -> None:
    with pytest.raises(Wrong) as wrong:
        step_of("task", {"unit": "Vera Sample" * 40, "incident": "1"})
    assert "Vera" not in str(wrong.value.errors)
