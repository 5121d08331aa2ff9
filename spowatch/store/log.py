"""The log, in a file or in a database: both keep the same promises (tests/store/log_contract.py).

For annotations only: PostgreSQL's driver is loaded where there is a database.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spowatch.store.log_postgres import PostgresLog
    from spowatch.store.log_sqlite import SqliteLog

    Log = SqliteLog | PostgresLog
