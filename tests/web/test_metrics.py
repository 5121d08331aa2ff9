from time import monotonic

import requests

from tests.program import PATIENCE
from tests.web.site import Caller, Site


def metrics(site: Site) -> str:
    answer = requests.get(f"{site.address}/metrics", timeout=PATIENCE)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return answer.text


def metrics_with(site: Site, line: str) -> str:
    """Once that line is there: a request is under way a moment longer than its answer."""
    deadline = monotonic() + PATIENCE
    while line not in (told := metrics(site)):
        assert monotonic() < deadline, told
    return told


def test_requests_are_counted_by_the_template_of_their_route(site: Site) -> None:
    alert = "6f2c0b1e-9d53-5c0a-8a57-3a1f0d8a4f11"
    for path in (f"/alerts/{alert}", "/nothing/Vera-Sample", "/board"):
        requests.get(site.address + path, timeout=PATIENCE, allow_redirects=False)
    requests.get(f"{site.address}/board", headers={"Host": "elsewhere"}, timeout=PATIENCE)
    told = metrics(site)
    assert 'spo_http_requests_total{method="GET",route="/board",status="3xx"}' in told
    assert 'spo_http_requests_total{method="GET",route="none",status="4xx"}' in told
    assert 'route="/alerts/{alert}"' in told
    assert alert not in told
    assert "Vera" not in told


def test_an_open_board_is_counted_while_it_is_open(site: Site) -> None:
    assert "\nspo_boards_open 0.0" in metrics(site)
    seat = Caller(site)
    cookie = {"Cookie": seat.cookie}
    with requests.get(
        f"{site.address}/board/stream", headers=cookie, stream=True, timeout=PATIENCE
    ) as following:
        lines = following.iter_lines(chunk_size=1)
        assert any(line.startswith(b"event: beat") for line in lines)
        told = metrics_with(site, "\nspo_http_requests_under_way 2.0")
    assert "\nspo_boards_open 1.0" in told


def test_ready_means_that_every_role_of_the_process_works(site: Site) -> None:
    told = requests.get(f"{site.address}/readyz", timeout=PATIENCE)
    assert told.status_code == 200
    assert "spo_role_stalled" in metrics(site)
