"""What a log line is: one line of JSON, in UTC, whatever is in it."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

WRITES = """
import structlog
from spowatch.logs import configure_logs
configure_logs()
structlog.get_logger().warning("sign-in failed", status="403\\n{\\"event\\": \\"forged\\"}\\r\\x1b[2J\\u2028x")
"""


def test_nothing_that_is_logged_makes_a_second_line() -> None:
    """ASVS 16.4.1, 16.2.1, 16.2.2, 16.2.4."""
    done = subprocess.run(
        [sys.executable, "-c", WRITES], capture_output=True, text=True, check=True
    )
    [line] = done.stderr.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"]) == ("sign-in failed", "warning")
    assert "\x1b" not in line
    assert datetime.fromisoformat(told["timestamp"]).utcoffset() == timedelta(0)
