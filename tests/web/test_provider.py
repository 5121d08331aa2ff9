"""Sign-in by a certified provider, as a real server, and what is tried against it."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from domain.desk.events import AlertPresented
from tests.program import PATIENCE
from tests.servers.oidc_provider import OidcProvider, oidc_provider
from tests.servers.ports import free_port
from tests.web.site import Site, site_at

COOKIE = "__Host-spowatch"


@pytest.fixture(scope="module")
def address() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[OidcProvider]:
    with oidc_provider(tmp_path_factory.mktemp("oidc"), [f"{address}/sign-in/back"]) as served:
        yield served


@pytest.fixture(scope="module")
def at(
    tmp_path_factory: pytest.TempPathFactory, provider: OidcProvider, address: str
) -> Iterator[Site]:
    directory, port = tmp_path_factory.mktemp("oidc-site"), urlsplit(address).port or 0
    told = provider.told(address) | {"SPO_POLICY__FILE": str(directory / "policy.toml")}
    on_the_rota(directory, operator="4812")
    with site_at(directory, port, told) as site:
        site.order("KENT-OIDC-1")
        site.breach("KENT-OIDC-1")
        yield site


def on_the_rota(directory: Path, operator: str) -> None:
    """Kent's rota from now on: that operator, and one person for everything else."""
    others = ("supervisor", "spoc", "duty_officer", "offender_manager")
    staffed = [("operator", operator), *((role, "901") for role in others)]
    always = 'days = "every", begin = "06:00", end = "06:00"'
    shifts = (f'{{ role = "{role}", {always}, staff = ["{who}"] }}' for role, who in staffed)
    people = "".join(f'{who} = [{{ channel = "console" }}]\n' for who in ("4812", "4813", "901"))
    rota = f'force = "Kent"\nshifts = [{", ".join(shifts)}]\n[forces.people]\n{people}'
    (directory / "policy.toml").write_text(f"version = 1\n[[forces]]\n{rota}")


class Browser:
    """Keeps cookies by their names, also those that only go over TLS; follows nothing by itself."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.there = requests.Session()
        self.cookies: dict[str, str] = {}

    def get(self, address: str, **cookies: str) -> requests.Response:
        where = address if address.startswith("http") else self.site.address + address
        told = "; ".join(f"{name}={value}" for name, value in (self.cookies | cookies).items())
        answer = requests.get(
            where, headers={"Cookie": told}, allow_redirects=False, timeout=PATIENCE
        )
        self._keep(answer)
        return answer

    def post(self, path: str, **fields: str) -> requests.Response:
        told = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        where = self.site.address + path
        answer = requests.post(
            where, data=fields, headers=told, allow_redirects=False, timeout=PATIENCE
        )
        self._keep(answer)
        return answer

    def _keep(self, answer: requests.Response) -> None:
        for each in answer.raw.headers.getlist("set-cookie"):
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "max-age=0" in each.lower():
                del self.cookies[name]

    def begin(self, provider: OidcProvider, login: str, path: str = "/sign-in/go") -> str:
        """Through the provider's pages; the address it sends us back to."""
        answer = self.get(path)
        assert answer.status_code == 303, answer.text
        return provider.through(self.there, answer.headers["location"], login)

    def sign_in(self, provider: OidcProvider, login: str) -> requests.Response:
        return self.get(self.begin(provider, login))


def signed_in(site: Site, provider: OidcProvider, login: str = "olga") -> Browser:
    browser = Browser(site)
    answer = browser.sign_in(provider, login)
    assert answer.status_code == 200, answer.text
    return browser


def csrf_of(browser: Browser) -> str:
    token = re.search(r'name="csrf" value="([\w-]+)"', browser.get("/you").text)
    assert token is not None
    return token.group(1)


def test_who_signs_in_there_is_known_here(at: Site, provider: OidcProvider) -> None:
    browser = signed_in(at, provider)
    you = browser.get("/you").text
    assert "4812" in you
    assert "Kent" in you
    assert "Control room operator" in you
    assert "Demonstration" not in you
    alert = at.alert("KENT-OIDC-1")
    assert "Alan Example" in browser.get(f"/alerts/{alert}").text


def test_a_board_is_live_for_who_signed_in_there(at: Site, provider: OidcProvider) -> None:
    cookies = signed_in(at, provider).cookies
    told = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    with requests.get(
        f"{at.address}/board/stream", headers=told, stream=True, timeout=PATIENCE
    ) as heard:
        beats = (line for line in heard.iter_lines(chunk_size=1) if line == b"event: beat")
        assert next(beats) == next(beats)


def test_only_who_the_rota_has_on_duty_acts_as_the_policy_file_says_now(
    at: Site, provider: OidcProvider
) -> None:
    browser = signed_in(at, provider)
    alert = at.alert("KENT-OIDC-1")
    path = f"/alerts/{alert}/acknowledge"
    on_the_rota(at.directory, operator="4813")
    refused = browser.post(path, csrf=csrf_of(browser))
    assert (refused.status_code, "on duty in that role" in refused.text) == (409, True)
    painted = {"alert": str(alert), "csrf": csrf_of(browser)}
    assert browser.post("/board/painted", **painted).status_code == 403
    on_the_rota(at.directory, operator="4812")
    assert browser.post("/board/painted", **painted).status_code == 204
    assert at.comes(AlertPresented.TOPIC, alert)
    assert browser.post(path, csrf=csrf_of(browser)).status_code == 303


def test_the_demo_sign_in_is_not_there(at: Site) -> None:
    given = {"staff": "1", "role": "operator", "force": "Kent"}
    assert requests.post(f"{at.address}/sign-in", data=given, timeout=PATIENCE).status_code == 404


@pytest.mark.parametrize("login", ["vera", "noah", "nobody"])
def test_an_account_without_a_place_here_is_told_so(
    at: Site, provider: OidcProvider, login: str
) -> None:
    browser = Browser(at)
    answer = browser.sign_in(provider, login)
    assert answer.status_code == 403
    assert COOKIE not in browser.cookies


def test_what_comes_back_is_taken_once_and_in_the_same_browser(
    at: Site, provider: OidcProvider
) -> None:
    browser, other = Browser(at), Browser(at)
    back = browser.begin(provider, "olga")
    assert other.get(back).status_code == 400
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 200
    browser.cookies = kept
    assert browser.get(back).status_code == 400
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize(
    "changed",
    [{"state": "A" * 43}, {"code": "guessed"}, {"iss": "https://elsewhere.example"}, {"iss": ""}, {"code": ""}],
)  # fmt: skip
def test_a_changed_answer_signs_nobody_in(
    at: Site, provider: OidcProvider, changed: dict[str, str]
) -> None:
    browser = Browser(at)
    back = urlsplit(browser.begin(provider, "olga"))
    given = {name: values[0] for name, values in parse_qs(back.query).items()} | changed
    answer = browser.get(f"/sign-in/back?{urlencode(given)}")
    assert answer.status_code == 400
    assert COOKIE not in browser.cookies
    assert "guessed" not in answer.text


def test_an_answer_of_another_sign_in_is_not_taken(at: Site, provider: OidcProvider) -> None:
    """The code of one attempt under the state of another: the verifier and the nonce differ."""
    mine, theirs = Browser(at), Browser(at)
    back, stolen = (parse_qs(urlsplit(each.begin(provider, login)).query) for each, login in
                    ((mine, "olga"), (theirs, "sue")))  # fmt: skip
    mixed = {"state": back["state"][0], "code": stolen["code"][0], "iss": provider.issuer}
    assert mine.get(f"/sign-in/back?{urlencode(mixed)}").status_code == 400


def test_a_session_planted_before_is_not_the_session_after(
    at: Site, provider: OidcProvider
) -> None:
    planted = signed_in(at, provider, "sue").cookies[COOKIE]
    victim = Browser(at)
    back = victim.begin(provider, "olga")
    assert victim.get(back, **{COOKIE: planted}).status_code == 200
    assert victim.cookies[COOKIE] != planted
    assert victim.get("/you", **{COOKIE: planted}).status_code == 303


def test_signing_in_again_asks_for_the_password_again(at: Site, provider: OidcProvider) -> None:
    there = signed_in(at, provider).get("/sign-in/go?again=yes").headers["location"]
    assert parse_qs(urlsplit(there).query)["prompt"] == ["login"]


def test_the_glass_asks_for_a_proof_and_a_silent_sign_in_is_none(
    at: Site, provider: OidcProvider
) -> None:
    browser = signed_in(at, provider)
    again = browser.get("/break-glass").headers["location"]
    assert "again=yes" in again
    back = browser.begin(provider, "olga", "/sign-in/go?to=/break-glass")
    assert browser.get(back).status_code == 200
    assert browser.get("/break-glass").status_code == 303
    assert browser.get(browser.begin(provider, "olga", again)).status_code == 200
    assert browser.get("/break-glass").status_code == 200


def test_signing_out_goes_on_to_the_provider(at: Site, provider: OidcProvider) -> None:
    browser = signed_in(at, provider)
    answer = browser.post("/sign-out", csrf=csrf_of(browser))
    assert f"{provider.issuer}/session/end?" in answer.text
    assert COOKIE not in browser.cookies
    assert browser.get("/you").status_code == 303


def test_while_the_provider_is_frozen_who_is_signed_in_goes_on(
    at: Site, provider: OidcProvider
) -> None:
    browser, token = signed_in(at, provider), provider.token("cad-kent")
    fetched = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{at.address}/api/v1/alerts", headers=fetched, timeout=PATIENCE).ok
    waiting = Browser(at)
    back = waiting.begin(provider, "olga")
    provider.process.freeze()
    try:
        answer = waiting.get(back)  # which gives up sooner than one who hangs would be waited for
        assert answer.status_code == 503
        assert "goes on working" in answer.text
        assert answer.headers["retry-after"]
        assert browser.get("/board").status_code == 200
        assert requests.get(f"{at.address}/api/v1/alerts", headers=fetched, timeout=PATIENCE).ok
    finally:
        provider.process.thaw()
    assert Browser(at).sign_in(provider, "olga").status_code == 200


def called(site: Site, token: str, path: str) -> int:
    told = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{site.address}/api/v1{path}", headers=told, timeout=PATIENCE).status_code


def test_a_program_does_with_its_token_what_its_role_may(at: Site, provider: OidcProvider) -> None:
    alert = at.alert("KENT-OIDC-1")
    token = provider.token("cad-kent")
    assert called(at, token, "/alerts") == 200
    assert called(at, token, f"/alerts/{alert}") == 200
    assert called(at, token, f"/alerts/{alert}/briefing") == 403
    assert called(at, provider.token("tags"), f"/alerts/{alert}") == 403
    told = {"Authorization": f"Bearer {token}"}
    step = f"{at.address}/api/v1/alerts/{alert}/acknowledge"
    assert requests.post(step, json={}, headers=told, timeout=PATIENCE).status_code == 403


def test_a_token_for_others_or_of_a_stranger_opens_nothing(
    at: Site, provider: OidcProvider
) -> None:
    assert called(at, provider.token("stranger"), "/alerts") == 401
    assert called(at, provider.token("cad-kent", "https://elsewhere.example/api"), "/alerts") == 401
    good = provider.token("cad-kent")
    assert called(at, good[:-4] + "AAAA", "/alerts") == 401
    told = {"Cookie": f"{COOKIE}={good}"}
    answer = requests.get(
        f"{at.address}/board", headers=told, allow_redirects=False, timeout=PATIENCE
    )
    assert answer.status_code == 303
