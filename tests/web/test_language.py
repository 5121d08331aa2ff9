"""English and Welsh: a text is looked up in the language of the request, and in no other."""

import pytest
import requests

from tests.program import PATIENCE
from tests.web.site import Site
from web.language import ENGLISH, N_, WELSH, _, language, one_or_more, speaking
from web.rendering import rendered
from web.speaking import COOKIE

NAME = N_("Arrest board")


def test_a_text_is_said_in_the_language_spoken() -> None:
    with speaking(WELSH):
        assert (_(NAME), language()) == ("Bwrdd arestio", WELSH)
    assert (_(NAME), language()) == (NAME, ENGLISH)


def test_a_language_nobody_wrote_is_answered_in_english() -> None:
    with speaking("../../etc/passwd"):
        assert (_(NAME), language()) == (NAME, ENGLISH)


def test_what_was_not_translated_stands_in_english() -> None:
    with speaking(WELSH):
        assert _("%(who)s has it", who="4812") == "4812 has it"
        assert one_or_more("%(num)s row", "%(num)s rows", 2) == "2 rows"


def test_a_page_names_its_language_and_offers_the_other() -> None:
    with speaking(WELSH):
        told = rendered("problem.html", detail="", demo=True)
    assert '<html lang="cy">' in told
    assert 'href="/language/en"' in told
    assert "Bwrdd" not in rendered("problem.html", detail="", demo=True)


def test_one_link_changes_the_language_and_comes_back(site: Site) -> None:
    with requests.Session() as browser:
        asked_on = f"{site.address}/sign-in?to=/board"
        answer = browser.get(
            site.address + "/language/cy",
            headers={"Referer": asked_on},
            timeout=PATIENCE,
            allow_redirects=False,
        )
        assert answer.headers["location"] == "/sign-in?to=/board"
        kept = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
        told = browser.get(site.address + "/sign-in", headers=kept, timeout=PATIENCE).text
    assert '<html lang="cy">' in told
    assert "Neidio i'r prif gynnwys" in told


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/x y", "/a\\b"])
def test_it_never_sends_anybody_elsewhere(site: Site, elsewhere: str) -> None:
    answer = requests.get(
        site.address + "/language/cy",
        headers={"Referer": elsewhere},
        timeout=PATIENCE,
        allow_redirects=False,
    )
    assert answer.headers["location"] in {"/", "/board"}


def test_what_is_turned_away_at_the_door_is_a_page_for_a_person_and_a_problem_for_a_program(
    site: Site,
) -> None:
    sent = {"Origin": "https://evil.example", "Cookie": f"{COOKIE}=cy"}
    address = f"{site.address}/sign-in"
    seen = requests.post(address, headers=sent | {"Accept": "text/html,*/*"}, timeout=PATIENCE)
    assert (seen.status_code, "Anfonwyd hwn o safle arall." in seen.text) == (403, True)
    assert '<html lang="cy">' in seen.text
    told = requests.post(address, headers=sent, timeout=PATIENCE)
    assert (told.json()["code"], told.headers["content-language"]) == ("FROM_ANOTHER_SITE", "cy")
    told = requests.post(address, headers=sent | {"Cookie": ""}, timeout=PATIENCE)
    assert (told.json()["detail"][:13], told.headers["content-language"]) == ("This was sent", "en")
