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
