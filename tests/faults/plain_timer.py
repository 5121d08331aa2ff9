"""APScheduler with a date job for each instant it is told: what most would have built instead.

Run by tests.faults.clock_jumps under the same stepped clock. Reads instants as lines, says each as
it fires, or that it was dropped.
"""

import json
import logging
import sys
from datetime import datetime
from time import time
from typing import Any

from apscheduler.events import EVENT_JOB_MISSED
from apscheduler.schedulers.background import BackgroundScheduler


def main() -> None:
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what it drops is said below
    timer: Any = BackgroundScheduler(timezone="UTC")
    timer.add_listener(lambda event: _say("dropped", event.job_id), EVENT_JOB_MISSED)
    timer.start()
    _say("ready", "")
    for line in sys.stdin:
        due = line.strip()
        when = datetime.fromisoformat(due)
        timer.add_job(_say, "date", run_date=when, args=["fired", due], id=due)
    timer.shutdown(wait=False)


def _say(what: str, due: str) -> None:
    sys.stdout.write(json.dumps({"what": what, "due": due, "clock": time()}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
