"""SEC5: every reading of a record, whichever way, is one consultation on record; and what that costs a page."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from domain.consultations import RecordConsulted
from tests.bench.log_bench import Figure
from tests.program import run
from tests.web.site import UNCOUNTED, Caller, Site, site_at

READS, QUICK = 5_000, 400
_AT_ONCE = 4
_BY_COMMAND = 250
"""One reading in so many is made at the command line, which starts a program each time."""
_REFERENCE = "KENT-READS-1"
_PURPOSE = {"X-Purpose": "investigating"}


def figures(reads: int = READS) -> Iterator[Figure]:
    with TemporaryDirectory() as folder, site_at(Path(folder) / "site", settings=UNCOUNTED) as site:
        site.order(_REFERENCE)
        site.breach(_REFERENCE)
        ways = list(_ways(site))
        before = len(site.recorded(RecordConsulted.TOPIC))
        with ThreadPoolExecutor(_AT_ONCE) as readers:
            taken = list(readers.map(lambda n: _read(site, ways, n), range(reads)))
        kept = len(site.recorded(RecordConsulted.TOPIC)) - before
        yield Figure("SEC5 readings on record", "", kept, reads, kept / reads, "= readings", [])
        bare = [_timed(lambda: Caller(site, "9").get("/you").status_code == 200) for _ in range(20)]
        pages = [each for each in taken if each is not None]
        cost, base = median(pages), median(bare)
        yield Figure("a record read, p50, 4 at once", "ms", cost, base, cost / base, "", pages)


def _ways(site: Site) -> Iterator[Callable[[], bool]]:
    reader, alert = Caller(site, "41", role="spoc"), site.alert(_REFERENCE)
    for path in (
        f"/orders/{_REFERENCE}",
        f"/alerts/{alert}",
        f"/api/v1/orders/{_REFERENCE}",
        f"/api/v1/orders/{_REFERENCE}/history",
        f"/api/v1/alerts/{alert}/briefing",
    ):
        yield lambda path=path: reader.get(path, **_PURPOSE).status_code == 200  # type: ignore[misc]  # bound now, and not at the call


def _read(site: Site, ways: list[Callable[[], bool]], number: int) -> float | None:
    """Milliseconds on a page or by the API; None at the command line."""
    if number % _BY_COMMAND == 0:
        shown = run("order", "show", _REFERENCE, "--data-dir", str(site.directory))
        assert shown.returncode == 0, shown.stderr
        return None
    return _timed(ways[number % len(ways)])


def _timed(read: Callable[[], bool]) -> float:
    began = perf_counter()
    assert read()
    return (perf_counter() - began) * 1e3
