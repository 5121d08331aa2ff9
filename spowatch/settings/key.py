"""Settings of the keys to personal data."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from spowatch.dsn import Dsn


class SqliteKeySettings(BaseModel):
    """The keys to personal data in one SQLite file; not beside the log's backups."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["sqlite"] = "sqlite"
    path: Path | None = Field(default=None, description="Key store; default `data_dir`/keys.db")
    master_key_file: Path | None = Field(
        default=None, description="32 bytes, mode 0600; default `data_dir`/master.key"
    )
    erased_list: Path | None = Field(
        default=None,
        description="Where each destroyed key is noted, so that no backup brings it back; best beside "
        "the witness; default `data_dir`/erased-keys.txt",
    )


class PostgresKeySettings(BaseModel):
    """The keys to personal data in a PostgreSQL database, not the log's, for several machines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["postgres"]
    dsn: Dsn = Field(description="libpq's own form; another database and role than the log's")
    master_key_file: Path | None = Field(
        default=None,
        description="The same 32 bytes on every machine, mode 0600; default `data_dir`/master.key",
    )
    erased_list: Path | None = Field(
        default=None,
        description="Where each destroyed key is noted, so that no backup brings it back; best beside "
        "the witness; default `data_dir`/erased-keys.txt",
    )
