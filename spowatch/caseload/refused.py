"""Entries that are not lawful, told on purpose so that refusals are seen; a stated small share.

Each stands beside the lawful story and changes nothing in it.
"""

from datetime import datetime, timedelta
from typing import Any

from domain.calendar import legal_day
from spowatch.caseload.story import FOR_EVER, Story

SHARE = 0.004
"""Of the opportunities for each kind; about one order in twenty-five has a refused entry."""

_MOMENT = timedelta(minutes=2)


def refused_before_application(story: Story, applied: datetime) -> None:
    wrong: dict[str, dict[str, Any]] = {
        "victim_applies": {"applicant": "victim", "nexus": "resides", "force": story.force},
        "no_nexus": {"applicant": "chief_officer", "nexus": None, "force": story.force},
        "no_such_power": {
            "applicant": "chief_officer",
            "nexus": "resides",
            "force": "Police Scotland",
        },
    }
    kind = story.fate(**dict.fromkeys(wrong, SHARE))
    if kind:
        told: dict[str, Any] = {"defendant_age": 30, "court": "magistrates"} | wrong[kind]
        story.tell("ApplicationMade", applied - _MOMENT, **told)


def refused_before_grant(story: Story, made: datetime, *, interim: bool) -> None:
    day = legal_day(made)
    if interim:
        if story.chance(SHARE):
            story.tell("InterimOrderGranted", made - _MOMENT, made_on=day, until="further_order")
        return
    kind = story.fate(too_short=SHARE, no_content=SHARE)
    if kind == "too_short":
        last_day = day + timedelta(days=364)
        story.tell("FullOrderGranted", made - _MOMENT, made_on=day, last_day=last_day)
    if kind == "no_content":
        wrong = {"made_on": day, "until": "further_order", "conditions": []}
        story.tell("FullOrderGranted", made - _MOMENT, **wrong)


def refused_in_later_life(story: Story, made: datetime, ends: datetime) -> None:
    """Section 4 and section 7 entries the Act does not allow, while the order is in force."""
    when = story.after(made, low=200, high=2000)
    if when >= ends:
        return
    if story.chance(SHARE):
        story.tell("OrderVaried", when, applicant="victim")
    if story.chance(SHARE):
        story.tell(
            "OrderVaried", when, applicant="chief_officer", role="applied_for_order",
            heard=["defendant"], adds=[{"code": "P-DEVICE-INTERNET"}], necessity_found=False,
        )  # fmt: skip
    if story.chance(SHARE):
        story.tell("OrderDischarged", when, applicant="defendant", consents=["defendant"])
    if story.chance(SHARE):
        story.tell("AppealLodged", when, by="victim", against="making_full")


def refused_after_the_end(story: Story, ended: datetime) -> None:
    """A renewal that comes too late, and an act that nothing forbade any more."""
    if ended == FOR_EVER:
        return
    when = story.after(ended, low=24, high=200)
    if story.chance(5 * SHARE):
        story.tell(
            "OrderRenewed", when, applicant="chief_officer", role="applied_for_order",
            heard=["defendant"], last_day=legal_day(when) + timedelta(days=900),
        )  # fmt: skip
    if story.chance(5 * SHARE):
        story.tell(
            "BreachReported", when, occurred_at=when - timedelta(hours=2),
            condition="P-CONTACT-DIRECT", source="victim", incident=f"{story.order}-after",
        )  # fmt: skip


def refused_disposal(story: Story, sentenced: datetime) -> None:
    """A conditional discharge is barred for a breach of the order (s.8(4))."""
    if story.chance(5 * SHARE):
        wrong = {"offence": "s8", "disposal": "conditional_discharge"}
        story.tell("CourtOutcome", sentenced - _MOMENT, **wrong)
