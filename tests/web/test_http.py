import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import requests

from domain.consultations import RecordConsulted
from domain.desk.events import AlertAcknowledged
from tests.forked_program import run
from tests.program import PATIENCE
from tests.web.callers import ApiProgram
from tests.web.site import Caller, Site
from web.prompt_clients import HEAD_WITHIN, REST_WITHIN
from web.security import BODY_WITHIN, MOST_BODY

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def caller(site: Site) -> Caller:
    return Caller(site)


@pytest.mark.parametrize(
    "path", ["/sign-in", "/board", "/alerts/x", "/nothing", "/static/none.css"]
)
def test_every_answer_has_the_rules_of_the_page(site: Site, path: str) -> None:
    headers = requests.get(site.address + path, timeout=PATIENCE, allow_redirects=False).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("no-store" if "static" not in path else headers["cache-control"])  # fmt: skip
    assert "server" not in headers


def test_the_session_cookie_is_for_this_host_alone_and_for_no_script(caller: Caller) -> None:
    name, *attributes = (each.strip().lower() for each in caller.set_cookie.split(";"))
    assert name.startswith("__host-")
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= set(attributes)
    assert not [each for each in attributes if each.startswith("domain")]


@pytest.mark.parametrize(
    "path", ["/board", "/board/stream", "/alerts/6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11"]
)
def test_nobody_reads_anything_without_signing_in(site: Site, path: str) -> None:
    answer = requests.get(site.address + path, timeout=PATIENCE, allow_redirects=False)
    assert answer.status_code in {303, 401}
    forged = {"Cookie": "__Host-spowatch=" + "A" * 43}
    answer = requests.get(
        site.address + path, headers=forged, timeout=PATIENCE, allow_redirects=False
    )
    assert answer.status_code in {303, 401}


def test_signing_out_ends_the_session(site: Site) -> None:
    leaving = Caller(site)
    assert leaving.post("/sign-out").status_code == 303
    assert leaving.get("/board").headers["location"].startswith("/sign-in")


def test_a_form_that_is_not_ours_does_nothing(site: Site, caller: Caller) -> None:
    site.order("KENT-CSRF-1")
    site.breach("KENT-CSRF-1")
    alert = site.alert("KENT-CSRF-1")
    path = f"/alerts/{alert}/acknowledge"
    assert caller.post(path, csrf="guessed").status_code == 403
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert caller.post(path, elsewhere).status_code == 403
    assert caller.post(path, {"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert alert not in site.recorded(AlertAcknowledged.TOPIC)
    assert caller.post(path).status_code == 303
    assert alert in site.recorded(AlertAcknowledged.TOPIC)


def test_another_name_for_this_machine_is_not_answered(site: Site) -> None:
    answer = requests.get(
        f"{site.address}/sign-in", headers={"Host": "evil.example"}, timeout=PATIENCE
    )
    assert answer.status_code == 421


@pytest.mark.parametrize(("path", "told"), [("/board", "text/html"), ("/api/v1/alerts", "json")])
def test_the_api_answers_programs_also_one_that_takes_pages(
    site: Site, path: str, told: str
) -> None:
    asked = {"Host": "evil.example", "Accept": "text/html, image/gif, */*; q=.2"}
    answer = requests.get(site.address + path, headers=asked, timeout=PATIENCE)
    assert answer.status_code == 421
    assert told in answer.headers["content-type"]


def test_a_body_of_300_mib_is_refused_before_it_is_read(site: Site) -> None:
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE)) as line:
        line.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n" % (300 * MIB)
        )
        # Not a byte of it was sent, and none is waited for: that would end in a 408.
        assert line.recv(64).startswith(b"HTTP/1.1 413")


def test_a_body_without_a_length_is_cut_off_at_the_limit(site: Site) -> None:
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE)) as line:
        line.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        for _ in range(MOST_BODY // 0x10000):
            line.sendall(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
        # One byte too many, and no more: what is in flight when a server closes undoes its answer.
        line.sendall(b"1\r\na\r\n")
        assert line.recv(64).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "header", ["Host: [", "Host: a:b:c", "Origin: http://[", "Content-Length: x"]
)
def test_headers_that_mean_nothing_are_refused(site: Site, header: str) -> None:
    host = "" if header.startswith("Host") else f"Host: 127.0.0.1:{site.port}\r\n"
    sent = f"POST /sign-in HTTP/1.1\r\n{host}{header}\r\nConnection: close\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE)) as line:
        line.sendall(sent.encode())
        assert line.recv(64).startswith(b"HTTP/1.1 4")


def test_an_alert_of_another_force_is_as_if_there_were_none(site: Site) -> None:
    site.order("SUSSEX-HTTP-1", force="Sussex")
    site.breach("SUSSEX-HTTP-1")
    alert = site.alert("SUSSEX-HTTP-1")
    stranger, read_before = Caller(site, "77", "Kent"), len(site.recorded(RecordConsulted.TOPIC))
    answer = stranger.get(f"/alerts/{alert}")
    assert answer.status_code == 404
    assert "Alan Example" not in answer.text
    assert stranger.get("/alerts/6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11").status_code == 404
    assert len(site.recorded(RecordConsulted.TOPIC)) == read_before
    assert stranger.get("/orders/SUSSEX-HTTP-1").status_code == 404
    assert Caller(site, "78", "Sussex").get(f"/alerts/{alert}").status_code == 200
    assert Caller(site, "78", "Sussex").get("/orders/SUSSEX-HTTP-1").status_code == 200
    assert len(site.recorded(RecordConsulted.TOPIC)) == read_before + 2


def test_what_cannot_be_put_on_record_is_neither_shown_nor_accepted(
    site: Site, caller: Caller
) -> None:
    site.order("KENT-CLOSED-1")
    site.breach("KENT-CLOSED-1")
    alert = site.alert("KENT-CLOSED-1")
    program, key = ApiProgram(site), {"Idempotency-Key": "closed-1"}
    name = {"name": "Al Other", "t": "2026-01-01T10:00:00Z"}
    with site.nobody_can_write(), ThreadPoolExecutor() as at_once:
        shown = at_once.submit(caller.get, f"/alerts/{alert}")
        told = at_once.submit(program.post, "/orders/KENT-CLOSED-1/use-name", name, key)
        answers = [shown.result(), told.result()]
    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "Example" not in answer.text
    assert caller.get(f"/alerts/{alert}").status_code == 200
    assert program.post("/orders/KENT-CLOSED-1/use-name", name, key).status_code == 201


def half_a_request(site: Site, head: str, within: float) -> bytes:
    """What comes back on a request that never ends, which is let go in so many seconds and a busy machine's."""
    with closing(socket.create_connection(("127.0.0.1", site.port), within + PATIENCE)) as held:
        held.sendall(head.encode())
        return held.recv(65536)


def test_who_never_ends_a_request_is_let_go(site: Site, caller: Caller) -> None:
    head = f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
    sent = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nstaff=1"
    with ThreadPoolExecutor() as at_once:
        of_head = at_once.submit(half_a_request, site, head, HEAD_WITHIN)
        of_body = at_once.submit(half_a_request, site, head + sent, BODY_WITHIN)
        assert caller.get("/board").status_code == 200
        assert of_head.result() == b""
        assert of_body.result().startswith(b"HTTP/1.1 408 ")


def test_the_rest_of_an_answered_body_is_not_read_for_ever(site: Site) -> None:
    request = b"POST /sign-in HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 99999999999\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE)) as line:
        line.sendall(request)
        assert line.recv(65536).startswith(b"HTTP/1.1 421 ")
        line.settimeout(REST_WITHIN / 20)
        # As long as something came, that used to be the rest of the body, and no request was answered.
        assert any(let_go(line, request) for _ in range(20 * 4))


def let_go(line: socket.socket, request: bytes) -> bool:
    """Whether the server closed the connection instead of waiting for more of this."""
    try:
        line.sendall(request)
        return line.recv(65536) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_a_refused_field_is_named_and_never_said_back(site: Site, caller: Caller) -> None:
    answer = caller.get("/alerts/12-Victim-Street")
    assert answer.status_code == 404
    assert "Victim" not in answer.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("SPO_HTTP__PORT", None), ("SPO_HTTP__HOST", "0.0.0.0")],  # noqa: S104 - it is refused
)
def test_pages_that_cannot_be_served_name_the_setting(
    site: Site, name: str, value: str | None
) -> None:
    told = {name: value or str(site.port)}
    other = str(site.directory / "other")
    assert run("migrate", "--data-dir", other).returncode == 0
    done = run("run", "api", "--data-dir", other, settings=told)
    assert done.returncode != 0
    assert name in done.stderr
    assert len(done.stderr.splitlines()) == 1
