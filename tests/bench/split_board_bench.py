"""A1 on the split system: from a breach accepted to a row painted, each role a process, the log on PostgreSQL.

Once the desk reads the log, once it hears over Kafka. One board is drawn here, the others are read without a browser;
beside it the bare push.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.kafka.cluster import Cluster, running
from spowatch.settings.root import KafkaTransport, Transport
from tests.bench.bare_push import bare_server
from tests.bench.board_bench import FULL, GOALS, one_drawn_here
from tests.bench.log_bench import Figure
from tests.bench.postgres_logs import new_store
from tests.bench.split_alert_bench import settings_of
from tests.program import Program, run
from tests.web.site import Site, started

_OVER_KAFKA = {50: "", 99: "<= 500"}


def figures(boards: int = FULL[0], breaches: int = FULL[1]) -> Iterator[Figure]:
    with _split(("alert",)) as site, bare_server() as push:
        yield from one_drawn_here(site, push, boards, breaches, GOALS, ", PostgreSQL")
    with _broker() as kafka, _split(("relay", "alert"), kafka) as site, bare_server() as push:
        yield from one_drawn_here(site, push, boards, breaches, _OVER_KAFKA, ", Kafka")


@contextmanager
def _broker() -> Iterator[KafkaTransport]:
    with TemporaryDirectory(prefix="bench-") as folder, running(Cluster(Path(folder))) as cluster:
        run("topics", "apply", "--copies", "1", "--bootstrap", cluster.bootstrap)
        yield KafkaTransport(kind="kafka", bootstrap=cluster.bootstrap)


@contextmanager
def _split(roles: Sequence[str], transport: Transport | None = None) -> Iterator[Site]:
    """Those roles and the pages, each a process of its own, on a server of its own."""
    with new_store(transport) as (store, place), ExitStack() as stack:
        directory, settings = store.settings.data_dir, settings_of(store, place)
        for role in roles:
            command = ("run", role, "--data-dir", str(directory))
            program = stack.enter_context(Program(*command, settings=settings))
            program.said.until(lambda line: line.startswith("READY"))
        pages, address = started(directory, 0, settings, ("api",))
        stack.enter_context(pages)
        port = int(address.rsplit(":", 1)[1])
        yield Site(directory, store, pages, address, port, roles=("api",))
