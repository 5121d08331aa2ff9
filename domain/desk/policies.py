"""Escalation policies: who is told next, when, and who must have acknowledged before it stops."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.alerts import Priority
from domain.desk.hands import DeskRole
from domain.facts.words import Word


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Part):
    """Who is told when nobody has answered for so many seconds since the step before."""

    after: float = Field(gt=0, le=7 * 86_400)
    tells: DeskRole


class EscalationPolicy(_Part):
    """Kept in each alert as it stood when the alert was raised: a later edit changes no alert.

    All times are seconds. The last step is repeated after `repeat`, then after twice as long, up to a week,
    until somebody owns the alert; or `repeats` times, where a list is enough for it then.
    """

    name: Word
    version: int = Field(ge=1)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20)
    repeat: float = Field(gt=0, le=7 * 86_400)
    repeats: int | None = Field(default=None, ge=0)
    acknowledged_by: tuple[DeskRole, ...] = (DeskRole.OPERATOR,)
    lease: float = Field(gt=0, le=7 * 86_400)
    paperwork: float = Field(default=12 * 3600.0, gt=0, le=30 * 86_400)
    tell_protected_within: float = Field(gt=0, le=30 * 86_400)
    answer_transfer_within: float = Field(default=300.0, gt=0, le=7 * 86_400)

    @model_validator(mode="after")
    def _everybody_is_told(self) -> Self:
        """A role that must acknowledge and is never told would hold the alert open for ever."""
        told = {DeskRole.OPERATOR, *(step.tells for step in self.steps)}
        if untold := [role for role in self.acknowledged_by if role not in told]:
            msg = f"{', '.join(untold)} must acknowledge but no step tells them; add a step"
            raise ValueError(msg)
        if len(set(self.acknowledged_by)) != len(self.acknowledged_by) or not self.acknowledged_by:
            msg = "acknowledged_by names each role once, and at least one"
            raise ValueError(msg)
        for step, following in zip(self.steps, self.steps[1:], strict=False):
            if step.tells == following.tells:
                msg = f"two steps in a row tell {step.tells}; the second reaches nobody new"
                raise ValueError(msg)
        return self


Policies = Mapping[int, EscalationPolicy]
"""By priority."""

_R = DeskRole
_MINUTE, _HOUR = 60.0, 3600.0
STANDARD: Policies = MappingProxyType(
    {
        Priority.IMMEDIATE: EscalationPolicy(
            name="immediate",
            version=1,
            steps=(
                Step(after=60, tells=_R.SUPERVISOR),
                Step(after=120, tells=_R.SPOC),
                Step(after=120, tells=_R.DUTY_OFFICER),
            ),
            repeat=5 * _MINUTE,
            acknowledged_by=(_R.OPERATOR,),
            lease=10 * _MINUTE,
            tell_protected_within=_HOUR,
        ),
        Priority.PROMPT: EscalationPolicy(
            name="prompt",
            version=1,
            steps=(
                Step(after=5 * _MINUTE, tells=_R.SUPERVISOR),
                Step(after=15 * _MINUTE, tells=_R.DUTY_OFFICER),
            ),
            repeat=15 * _MINUTE,
            repeats=5,
            lease=30 * _MINUTE,
            tell_protected_within=4 * _HOUR,
        ),
        Priority.SOON: EscalationPolicy(
            name="soon",
            version=1,
            steps=(
                Step(after=2 * _HOUR, tells=_R.OFFENDER_MANAGER),
                Step(after=6 * _HOUR, tells=_R.SUPERVISOR),
            ),
            repeat=12 * _HOUR,
            repeats=5,
            acknowledged_by=(_R.OFFENDER_MANAGER,),
            lease=8 * _HOUR,
            tell_protected_within=24 * _HOUR,
        ),
        Priority.ROUTINE: EscalationPolicy(
            name="routine",
            version=1,
            steps=(Step(after=72 * _HOUR, tells=_R.OFFENDER_MANAGER),),
            repeat=72 * _HOUR,
            repeats=5,
            acknowledged_by=(_R.OFFENDER_MANAGER,),
            lease=72 * _HOUR,
            tell_protected_within=7 * 24 * _HOUR,
        ),
    }
)
"""Until a force sets its own. How fast each is answered is force policy."""
