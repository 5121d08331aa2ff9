"""The tables of the log on SQLite, and the only thing that creates them."""

from pathlib import Path

from spowatch.store.sqlite_connection import migrate

# AUTOINCREMENT: a position is never given twice, whatever is restored or repaired.
_EVENTS = """
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    originator_id BLOB NOT NULL,
    originator_version INTEGER NOT NULL,
    topic TEXT NOT NULL,
    state BLOB NOT NULL,
    UNIQUE (originator_id, originator_version)
)
"""

_TRACKING = """
CREATE TABLE tracking (
    application_name TEXT PRIMARY KEY,
    notification_id INTEGER NOT NULL
) WITHOUT ROWID
"""

SCHEMA = ((_EVENTS, _TRACKING),)


def migrate_log(path: Path) -> None:
    """Create the log, or upgrade it; done by `spowatch migrate`, never by a role."""
    migrate(path, SCHEMA)
