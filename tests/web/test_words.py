import inspect
import re

import pytest

from domain.access import USUAL, Role
from domain.alerts import AlertClass, AlertCode
from domain.desk.hands import DeskRole
from domain.desk.record import Stage
from domain.desk.steps import STEPS
from domain.position import _facets
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


def test_every_facet_of_an_order_has_words_and_an_unknown_one_is_said_plainly() -> None:
    told = inspect.getsource(_facets)
    named = set(re.findall(r'^ +"(\w+)":', told, re.MULTILINE))
    assert named == set(words.FACETS)
    assert words.facet("breached(1)") == "1 breach on record"
    assert words.facet("breached(12)") == "12 breaches on record"
    assert words.facet("soa_exempt") == "Notifies under the Sexual Offences Act 2003 instead"
    assert words.facet("of_a_later_release(2)") == "of a later release(2)"


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
