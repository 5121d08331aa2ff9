"""Settings of who is told and of the line test: the policy file, how often, and the heartbeat outside."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from spowatch.settings.url import Url


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PolicySettings(_Part):
    """Desks, escalation, rota and contact methods of the forces."""

    file: Path = Field(
        description="TOML, see docs/how-to/decide-who-is-told.md; read again when it changes"
    )


class ConsoleSettings(_Part):
    """Which desk sits before this console."""

    desk: str | None = Field(
        default=None, description="Only what goes to that desk of the policy; everything if unset"
    )


class LineTestSettings(_Part):
    """A synthetic breach goes the whole road, so that silence is noticed."""

    every: float = Field(default=60, ge=4, le=3600, description="Seconds between two line tests")
    answer_within: float = Field(
        default=15,
        ge=3,
        le=600,
        description="Seconds each stage has to pass one on; less than EVERY",
    )

    @model_validator(mode="after")
    def _answered_before_the_next(self) -> Self:
        if self.answer_within >= self.every:
            msg = "ANSWER_WITHIN must be less than EVERY"
            raise ValueError(msg)
        return self


class HeartbeatSettings(_Part):
    """A service outside that raises an alarm when it hears nothing from us."""

    url: Url = Field(
        description="Asked after each line test that every stage passed; else URL/fail"
    )
    inside: bool = Field(default=False, description="Whether it may be in our own network")
