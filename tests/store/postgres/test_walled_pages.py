"""Pages over PostgreSQL, made as deploy/ says: they read through the wall, and need its role to be there."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

from spowatch.settings.root import read_settings
from spowatch.wiring.store import migrate, opened
from tests.program import PATIENCE
from tests.servers.postgres import Cluster
from tests.store.postgres.places import Place, run_script, unmigrated
from tests.web.site import ROLES, Caller, Site, started


@pytest.fixture
def walled(own_postgres: Cluster) -> Place:
    """On a server of its own: whose role is whose member is the whole server's, and other tests use the shared one."""
    return unmigrated(own_postgres)


@pytest.fixture
def site(walled: Place, tmp_path: Path) -> Iterator[Site]:
    log = {"SPO_LOG__KIND": "postgres", "SPO_DATA_DIR": str(tmp_path)}
    migrate(read_settings(log | {"SPO_LOG__DSN": walled.owner}))
    run_script(walled.owner, "grants.sql")
    told = log | {"SPO_LOG__DSN": walled.writer}
    with opened(read_settings(told)) as store:
        program, address = started(tmp_path, 0, told, (*ROLES, "project"))
        site = Site(tmp_path, store, program, address, int(address.rsplit(":", 1)[1]))
        yield site
        site.program.kill()


def caseload(caller: Caller, wanted: str) -> str:
    """The page, once it speaks of that order."""
    deadline = monotonic() + PATIENCE
    while wanted not in (text := caller.get("/caseload?queue=all").text):
        assert monotonic() < deadline, text[-2000:]
        sleep(0.2)
    return text


def test_a_caseload_over_postgresql_is_read_through_the_wall(site: Site, walled: Place) -> None:
    site.order("KENT-WALL-1")
    site.order("SUSSEX-WALL-1", force="Sussex")
    kent = Caller(site, "1", role="supervisor")
    assert "SUSSEX-WALL-1" not in caseload(kent, "KENT-WALL-1")
    with psycopg.connect(walled.administrator, autocommit=True) as administrator:
        administrator.execute("REVOKE spowatch_reader FROM spowatch_writer")
        try:
            answer = kent.get("/caseload?queue=all")
        finally:
            administrator.execute("GRANT spowatch_reader TO spowatch_writer")
    assert answer.status_code >= 500
    assert "KENT-WALL-1" not in answer.text
    assert kent.get("/caseload?queue=all").status_code == 200
