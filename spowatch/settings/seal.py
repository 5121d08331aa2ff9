"""Settings of the seal on the log."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class SealSettings(BaseModel):
    """How the log is sealed against whoever can write to its database."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    witness: Path | None = Field(
        default=None,
        description="A file out of the reach of the database's masters, to which each signed "
        "checkpoint is added; unset, the log is sealed without a witness",
    )
    key_file: Path | None = Field(
        default=None,
        description="The key that signs, mode 0600, made when missing; default `data_dir`/seal.key. "
        "Who it is stands beside it in a file that ends with .pub",
    )
    every: float = Field(
        default=60, ge=1, le=60, description="Seconds an event may stand in the log unsealed"
    )
