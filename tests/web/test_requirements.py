"""What the OWASP ASVS asks of requests and answers and no other test shows; by number in docs/reference/asvs.md."""

import socket
from contextlib import closing

import pytest
import requests

from tests.program import PATIENCE
from tests.web.callers import ApiProgram
from tests.web.site import Caller, Site
from web.doors import DOORS

ELSEWHERE = "https://elsewhere.example"
NOBODYS = "6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11"
TYPES = {
    "/sign-in": "text/html; charset=utf-8",
    "/healthz": "application/json",
    "/api/v1/alerts": "application/problem+json",
    "/metrics": "text/plain; version=",
}


@pytest.fixture(scope="module")
def caller(site: Site) -> Caller:
    return Caller(site)


@pytest.fixture(scope="module")
def program(site: Site) -> ApiProgram:
    return ApiProgram(site)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_a_method_that_nothing_needs_is_refused(site: Site, method: str) -> None:
    """ASVS 13.4.4."""
    secret = {"X-Secret": "said-back"}
    answer = requests.request(method, f"{site.address}/board", headers=secret, timeout=PATIENCE)
    assert answer.status_code in {400, 405}
    assert "said-back" not in answer.text


@pytest.mark.parametrize("path", ["/static", "/static/", "/static/.", "/static/%2e%2e/app.py", "/static/%2e%2e/%2e%2e/.git/HEAD"])  # fmt: skip
def test_no_folder_is_listed_and_nothing_beside_it_is_served(site: Site, path: str) -> None:
    """ASVS 13.4.1, 13.4.3, 5.3.2."""
    asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n\r\n"
    assert raw(site, asked).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("path", sorted(TYPES))
def test_an_answer_says_what_it_is(site: Site, path: str) -> None:
    """ASVS 4.1.1."""
    told = requests.get(site.address + path, timeout=PATIENCE).headers["content-type"]
    assert told.startswith(TYPES[path])
    assert "charset=utf-8" in told or "json" in told


def test_no_other_site_is_let_in_by_a_header(site: Site, caller: Caller) -> None:
    """ASVS 3.4.2."""
    for origin in (ELSEWHERE, "null", site.address):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answers = [caller.get("/board", Origin=origin)]
        answers += [
            requests.options(f"{site.address}/api/v1/alerts", headers=asked, timeout=PATIENCE)
        ]
        told = {name.lower() for each in answers for name in each.headers}
        assert not [name for name in told if name.startswith("access-control-")]


def test_a_page_may_load_nothing_from_elsewhere_and_tells_nobody_where_it_was(site: Site) -> None:
    """ASVS 3.4.3, 3.4.5."""
    headers = requests.get(f"{site.address}/sign-in", timeout=PATIENCE).headers
    rules = {each.strip() for each in headers["content-security-policy"].split(";")}
    assert {"default-src 'none'", "base-uri 'none'", "form-action 'self'"} <= rules
    assert not [rule for rule in rules if "http" in rule or "*" in rule]
    assert headers["referrer-policy"] == "same-origin"


def test_nothing_is_done_by_reading(caller: Caller) -> None:
    """ASVS 3.5.3: the address of a command has no page of its own, and reading it does nothing."""
    written = {door.partition(" ")[2] for door in DOORS if door.startswith("POST ")}
    read = {door.partition(" ")[2] for door in DOORS if door.startswith("GET ")}
    only_written = sorted(path for path in written - read if "{" not in path)
    assert {"/sign-out", "/board/painted"} <= set(only_written)
    for path in (*only_written, f"/alerts/{NOBODYS}/acknowledge"):
        assert caller.get(path).status_code in {404, 405}, path
    assert caller.get("/you").status_code == 200


def test_a_request_has_one_end(site: Site) -> None:
    """ASVS 4.2.1: by its chunks where it has both, and by neither where they are at odds."""
    head = f"POST /nothing HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
    second = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n\r\n"
    both = f"{head}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{second}"
    told = raw(site, both)
    assert told.startswith(b"HTTP/1.1 404")
    assert told.endswith(b'{"status":"up"}')
    for odd in ("Content-Length: 3\r\nContent-Length: 4", "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding : chunked", "Content-Length: +3", "Content-Length: 3, 4"):  # fmt: skip
        told = raw(site, f"{head}{odd}\r\n\r\nabc{second}")
        assert told.startswith(b"HTTP/1.1 4"), odd
        assert b'"up"' not in told, odd


def test_no_file_is_taken(site: Site, caller: Caller) -> None:
    """ASVS 5.2.1, 5.2.2."""
    answer = requests.post(
        f"{site.address}/people",
        headers={"Cookie": caller.cookie},
        data={"csrf": caller.csrf},
        files={"words": ("a.exe", b"MZ" * 100, "image/png")},
        timeout=PATIENCE,
    )
    assert answer.status_code == 400
    assert "a.exe" not in answer.text


def test_every_cookie_is_for_this_host_over_tls_and_for_no_script(site: Site) -> None:
    """ASVS 3.3.1 to 3.3.4, of the one that is not the session's."""
    answer = requests.get(f"{site.address}/language/cy", allow_redirects=False, timeout=PATIENCE)
    name, *attributes = (each.strip().lower() for each in answer.headers["set-cookie"].split(";"))
    assert name.startswith("__host-")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(attributes)


def test_each_sign_in_has_a_token_of_its_own_that_nobody_guesses(site: Site) -> None:
    """ASVS 7.2.3: 32 random bytes."""
    callers = [Caller(site) for _ in range(20)]
    tokens = {each.token for each in callers}
    assert len(tokens) == 20
    assert all(len(token) >= 43 for token in tokens)
    assert len({token[:4] for token in tokens}) > 15


def test_whoever_signs_in_again_ends_no_other_session_of_theirs(site: Site) -> None:
    """ASVS 7.1.2: as many as desks."""
    first, second = Caller(site), Caller(site)
    assert [each.get("/you").status_code for each in (first, second, first)] == [200] * 3


@pytest.mark.parametrize("path", ["/you", "/board", "/record", "/people", "/help", "/shift"])
def test_every_page_has_a_way_to_sign_out(site: Site, path: str) -> None:
    """ASVS 7.4.4."""
    answer = Caller(site, role="supervisor").get(path)
    assert answer.status_code in {200, 403}
    assert answer.status_code == 403 or 'action="/sign-out"' in answer.text


@pytest.mark.parametrize("to", ["//elsewhere.example", ELSEWHERE, "/\\elsewhere.example", "javascript:alert(1)"])  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(site: Site, to: str) -> None:
    """ASVS 3.7.2."""
    given = {"staff": "4812", "role": "operator", "force": "Kent", "to": to}
    answer = requests.post(
        f"{site.address}/sign-in", data=given, allow_redirects=False, timeout=PATIENCE
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")


def test_a_value_given_twice_is_not_taken_for_two(site: Site, program: ApiProgram) -> None:
    """ASVS 15.3.7: a name counts where it is asked for and nowhere else."""
    site.order("KENT-TWICE-1")
    given = {"Content-Type": "application/json"}
    twice = program.send("/orders/KENT-TWICE-1/use-name", b'{"name": "A", "name": "B"}', given)
    assert twice.status_code == 422
    beside = program.post("/orders/KENT-TWICE-1/use-name?name=Elsewhere", {})
    assert beside.status_code == 422
    assert program.get("/orders/KENT-TWICE-1?X-Purpose=court_work").status_code == 428


def raw(site: Site, sent: str) -> bytes:
    """All that comes back until the server hangs up."""
    told = b""
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE)) as line:
        line.sendall(sent.encode())
        while got := line.recv(65536):
            told += got
    return told
