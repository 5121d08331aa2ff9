"""APScheduler with a job store of its own, as it comes: how long it takes over what is due."""

import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Engine, create_engine, event

_PATIENCE = 300.0
_LOOK = 0.02
_ran: list[float] = []


def ran() -> None:
    """The job: it does nothing but say when."""
    _ran.append(time.perf_counter())


def handed_out(path: Path, jobs: int, due: int) -> list[float]:
    """Seconds from its start until each due job of a store of so many ran."""
    _ran.clear()
    engine = _engine(path)
    with _paused(engine) as scheduler:
        _load(scheduler, jobs, due)
        started = time.perf_counter()
        scheduler.resume()
        while len(_ran) < due:
            if time.perf_counter() - started > _PATIENCE:
                raise AssertionError(len(_ran))
            time.sleep(_LOOK)
        ran_at = list(_ran)
        while scheduler._lookup_jobstore("default").get_due_jobs(datetime.now(UTC)):
            time.sleep(_LOOK)  # it deletes a job after it has started it
    engine.dispose()
    return [each - started for each in ran_at]


def _engine(path: Path) -> Engine:
    """With the pragmas of our sheet, which are kinder than those it would have."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


@contextmanager
def _paused(engine: Engine) -> Iterator[Any]:
    scheduler: Any = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=engine)},
        timezone=UTC,
        job_defaults={"misfire_grace_time": None},
    )
    scheduler.start(paused=True)
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=True)


def _load(scheduler: Any, jobs: int, due: int) -> None:
    """Every so many rows one that is due, put in by hand: adding them one by one takes minutes."""
    now = datetime.now(UTC)
    job = scheduler.add_job(ran, "date", run_date=now + timedelta(days=1))
    store, state = scheduler._lookup_jobstore("default"), job.__getstate__()
    job.remove()
    rows = []
    for number in range(jobs):
        place, between = divmod(number, jobs // due)
        is_due = not between and place < due
        wait = timedelta(days=-1 if is_due else 1 + number)
        mine = state | {"id": str(number), "next_run_time": now + wait}
        mine["trigger"] = DateTrigger(run_date=now + wait)
        rows.append(_row(store, mine))
    with store.engine.begin() as connection:
        connection.execute(store.jobs_t.insert(), rows)


def _row(store: Any, state: dict[str, Any]) -> dict[str, Any]:
    pickled = pickle.dumps(state, store.pickle_protocol)
    return {
        "id": state["id"],
        "next_run_time": state["next_run_time"].timestamp(),
        "job_state": pickled,
    }
