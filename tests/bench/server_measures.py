"""The measures that need a PostgreSQL server, and some of them a Kafka broker."""

from collections.abc import Callable, Iterable
from functools import partial

from tests.bench import (
    board_bench,
    commit_bench,
    contention_bench,
    idle_roles_bench,
    import_bench,
    loss_bench,
    maintenance_bench,
    metrics_bench,
    reading_bench,
    relay_bench,
    seal_bench,
    split_alert_bench,
    split_board_bench,
    wake_bench,
)
from tests.bench.log_bench import Figure

AGAINST_LIBRARY = ("commits", "wake", "maintenance", "import", "loss")
"""The measures in which the bare eventsourcing library runs beside us."""


def measures(*, quick: bool) -> dict[str, Callable[[], Iterable[Figure]]]:
    return {
        "commits": partial(commit_bench.figures, 3 if quick else commit_bench.ROUNDS),
        "wake": partial(wake_bench.figures, wake_bench.QUICK if quick else wake_bench.EVENTS),
        "maintenance": partial(
            maintenance_bench.figures,
            maintenance_bench.QUICK if quick else maintenance_bench.EVENTS,
        ),
        "import": partial(import_bench.figures, 2 if quick else import_bench.ROUNDS),
        "loss": partial(loss_bench.figures, loss_bench.QUICK if quick else loss_bench.EVENTS),
        "alert_postgres": partial(
            split_alert_bench.from_the_log,
            split_alert_bench.QUICK if quick else split_alert_bench.BREACHES,
        ),
        "alert_kafka": partial(
            split_alert_bench.over_kafka,
            split_alert_bench.QUICK if quick else split_alert_bench.BREACHES,
        ),
        "board_split": partial(
            split_board_bench.figures, *(board_bench.QUICK[:2] if quick else board_bench.FULL[:2])
        ),
        "reading_postgres": partial(
            reading_bench.server_figures, reading_bench.QUICK if quick else reading_bench.ORDERS
        ),
        "relay": partial(relay_bench.figures, relay_bench.QUICK if quick else relay_bench.BACKLOG),
        "seal": partial(seal_bench.figures, seal_bench.QUICK if quick else seal_bench.ROUNDS),
        "verify": partial(seal_bench.verifying, seal_bench.SHORT if quick else seal_bench.LONG),
        "idle_roles": partial(
            idle_roles_bench.figures,
            idle_roles_bench.QUICK if quick else idle_roles_bench.SECONDS,
        ),
        "metrics": partial(
            metrics_bench.figures, metrics_bench.QUICK if quick else metrics_bench.WATCHED
        ),
        "contention": partial(
            contention_bench.figures,
            contention_bench.QUICK if quick else contention_bench.COMMANDS,
        ),
    }
