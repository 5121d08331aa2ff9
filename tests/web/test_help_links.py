"""From what a page asks or refuses to the short page of the law that explains it."""

import re

from tests.web.site import Caller, Site
from tests.web.test_court_pages import at, send
from web.court.commands import RECORDINGS
from web.help_pages import TOPICS

_WHY = re.compile(r'href="/help/refusals#([A-Z_]+)"')


def test_every_form_of_a_court_names_a_page_of_the_law() -> None:
    helps = {command: each.help for command, each in RECORDINGS.items()}
    assert set(helps.values()) <= set(TOPICS)
    assert (helps["serve"], helps["renew"], helps["report-breach"]) == (
        "service",
        "changes",
        "breach",
    )
    assert (helps["grant-interim"], helps["grant-full"]) == ("interim", "terms")


def test_forms_and_refusals_lead_to_the_law(site: Site) -> None:
    site.order("KENT-HELP-1")
    site.breach("KENT-HELP-1")
    liaison, operator = Caller(site, role="spoc"), Caller(site)
    assert 'href="/help/service"' in liaison.get("/orders/KENT-HELP-1/record/serve").text
    refused = send(liaison, "KENT-HELP-1", "dismiss-appeal", "check", **at("t", hours=1))
    alert = site.alert("KENT-HELP-1")
    seen = str(site.store.register.alert(alert).version + 9)
    not_theirs = operator.post(f"/alerts/{alert}/task", unit="KX1", incident="7", seen=seen)
    codes = [_WHY.findall(answer.text) for answer in (refused, not_theirs)]
    assert [answer.status_code for answer in (refused, not_theirs)] == [409, 409]
    assert codes[1] == ["NOT_THE_OWNER"]
    explained = operator.get("/help/refusals").text
    assert all(f'id="{code}"' in explained for found in codes for code in found)
    assert len(codes[0]) == 1
