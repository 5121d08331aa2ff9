import re

import pytest

from domain.alerts import AlertCode
from tests.structure.checkout import page


@pytest.mark.parametrize("code", list(AlertCode))
def test_an_alert_is_on_its_page(code: AlertCode) -> None:
    assert f"| `{code.value}` |" in page("docs/reference/alerts.md")


@pytest.mark.parametrize("code", list(AlertCode))
def test_an_alert_has_a_runbook_entry(code: AlertCode) -> None:
    assert f"\n### {code.value}\n" in page("docs/runbook/alerts.md")


def test_the_runbook_speaks_of_no_alert_that_cannot_come() -> None:
    headings = [
        line.removeprefix("### ")
        for line in page("docs/runbook/alerts.md").splitlines()
        if line.startswith("### ")
    ]
    assert set(headings) <= {code.value for code in AlertCode}


def test_each_message_of_the_system_has_its_entry_once_with_what_to_do() -> None:
    entries = re.split(r"^## ", page("docs/runbook/operations.md"), flags=re.MULTILINE)
    messages = [entry for entry in entries if re.match(r"[A-Z_]+\n", entry)]
    assert len(messages) > 5
    for entry in messages:
        parts = re.findall(r"\*\*(Means|Harmed|First|Over)\b", entry)
        assert parts == ["Means", "Harmed", "First", "Over"], entry.splitlines()[0]
