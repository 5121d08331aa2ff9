from collections import Counter
from collections.abc import Iterator

import pytest

from tests.faults.bad_requests import MARK, SCRIPT, Asked, Bad
from tests.faults.by_schema import asked
from tests.faults.one_order import crowd
from tests.faults.rough_http import Line, _echoed, storm
from tests.web.site import UNCOUNTED, Caller, Site, site_at
from web.app import openapi


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_at(tmp_path_factory.mktemp("rough"), settings=UNCOUNTED) as served:
        yield served


def test_no_bad_request_is_a_fault_of_ours_hangs_or_is_said_back(site: Site) -> None:
    """SEC1; `python -m tests.faults http` sends a hundred thousand."""
    told = storm(site, 1500, seed=3)
    assert (told.requests, told.server_errors, told.hangs, told.echoes) == (1500, [], [], [])
    assert told.statuses["4xx"] > 1000
    assert told.statuses["2xx"] > 20


def test_of_many_clients_on_one_order_each_command_is_done_once(site: Site) -> None:
    """R12; `python -m tests.faults one-order` sends ten thousand."""
    outcome = crowd(site, sent=160, clients=16, seed=1)
    assert outcome.good, outcome
    assert (outcome.commands, outcome.keys) == (160, 40)


def test_every_operation_of_the_api_answers_as_its_own_document_says(site: Site) -> None:
    """`python -m tests.faults schema` makes a hundred cases of each."""
    told = asked(site, examples=1, seed=1, phases="fuzzing")
    assert told.returncode == 0, told.stdout
    assert f"Tested: {len(operations()) - 1}" in told.stdout


def operations() -> list[str]:
    return [f"{way} {path}" for path, ways in openapi()["paths"].items() for way in ways]


def test_the_storm_is_the_same_for_the_same_seed_and_bears_the_mark() -> None:
    def some(seed: int) -> list[Asked]:
        asked = Bad(seed, ["K-1"], "csrf").requests()
        return [next(asked) for _ in range(300)]

    assert some(1) == some(1)
    assert some(1) != some(2)
    marked = Counter(MARK in f"{each.path}{each.headers}{each.body!r}" for each in some(1))
    assert marked[True] > 60


def test_what_is_said_back_is_seen(site: Site) -> None:
    caller = Caller(site)
    line = Line(site, caller)
    status, answer = line.ask(Asked("GET", "/api/v1/alerts?after=x"))
    line.close()
    assert status == 422
    assert not _echoed(Asked("GET", "/api/v1/alerts"), status, answer)
    assert _echoed(Asked("GET", "/api/v1/alerts"), status, answer + MARK.encode())
    assert _echoed(Asked("GET", "/board"), 200, answer + SCRIPT.encode())
