"""What is said when a PostgreSQL server cannot do something, and what to do about it."""

from pathlib import Path

import psycopg

from spowatch.store.sqlite_connection import StoreUnavailable

RUN_MIGRATE = "run `spowatch migrate` as the owner of this database, then start again"

_UNREACHABLE = (
    "see that the server runs, can be reached from here, and knows this role and database"
)
_FULL = "start fewer processes, or raise max_connections"
_FULL_SAYS = ("too many clients", "connection slots are reserved", "too many connections for")
"""Who is turned away at the door is told in words alone, without the server's code."""
_CORRUPT = "stop every role, keep the server's files, restore the last backup"
_REMEDIES = {
    "25006": "this is a standby: name the primary in the DSN",
    "3F000": RUN_MIGRATE,
    "40001": "try again",
    "40P01": "try again",
    "42501": (
        "run deploy/postgres/roles.sql as an administrator, `spowatch migrate`, then grants.sql as the "
        "owner of the log (of the keys: keys_roles.sql, keys_grants.sql), or check the role"
    ),
    "42883": RUN_MIGRATE,
    "42P01": RUN_MIGRATE,
    "53100": "free space on the server's disk, then try again",
    "53300": _FULL,
    "53": "give the server more memory, then try again",
    "55P03": "find who holds the log's advisory lock (pg_locks) and end it, then try again",
    "57014": "find what keeps the server busy (pg_stat_activity), then try again",
    "57P": _UNREACHABLE,
    "58": "look for disk errors in the server's log; keep its files as they are",
    "08": _UNREACHABLE,
    "XX001": _CORRUPT,
    "XX002": _CORRUPT,
}
_OUTCOME_OPEN = ("08", "57")
"""The link broke, or the server gave up, perhaps between placing events and answering."""


class OutcomeUnknown(StoreUnavailable):
    """The connection broke while a change was on its way: it is stored, or it is not.

    Asked again under the same command id it is answered once, whichever it was.
    """


class ServerFaultsNamed:
    """Turns what the server or the network refuses into `StoreUnavailable`; bugs rise as is."""

    __slots__ = ("_place",)

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, psycopg.Error):
            remedy = _remedy(error)
            if remedy is not None:
                raise StoreUnavailable(self._place, _first_line(error), remedy) from error


def outcome_unknown(place: Path, error: psycopg.Error) -> OutcomeUnknown:
    return OutcomeUnknown(
        place, f"{_first_line(error)}; the change may be stored", "send it again, as it was"
    )


def may_have_committed(error: psycopg.Error) -> bool:
    """Whether the server may have committed what was sent before this error."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return error.sqlstate.startswith(_OUTCOME_OPEN)


def _remedy(error: psycopg.Error) -> str | None:
    if error.sqlstate is None:
        if any(each in str(error) for each in _FULL_SAYS):
            return _FULL
        return _UNREACHABLE if isinstance(error, psycopg.OperationalError) else None
    found = (_REMEDIES.get(error.sqlstate[:length]) for length in (5, 3, 2))
    return next(filter(None, found), None)


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
