"""For whom a sheet is read: the force whose rows the database may give out, whatever is asked of it.

The second wall behind the access table. It is set once for a request, by whoever knows who asks, and holds
for everything read while it is answered; roles and the command line, which set nothing, read as the
sheets' owner.
"""

from contextvars import ContextVar

EVERY_FORCE = "*"
"""For who reads the database directly, on purpose; no page says it."""
READER = "spowatch_reader"
"""The database's role that is subject to the wall (deploy/postgres/roles.sql)."""
SETTING = "spowatch.force"

SEEN_BY: ContextVar[str | None] = ContextVar("seen_by", default=None)
"""A force, `EVERY_FORCE`, or None for the owner."""
