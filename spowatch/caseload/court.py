"""The court's part: application, interim order, hearings, and the full order or none."""

from datetime import date, datetime, timedelta

from domain.calendar import end_of, last_day_of_years, legal_day
from spowatch.caseload.duties import serve_full, serve_interim
from spowatch.caseload.people import protected_persons
from spowatch.caseload.refused import refused_before_application, refused_before_grant
from spowatch.caseload.story import FOR_EVER, Story, Terms, end_terms
from spowatch.caseload.terms import Condition, plain_term, terms_of_order
from spowatch.caseload.towns import SCOTTISH_TOWNS, TOWNS, TOWNS_ABROAD

_ADULT = 18
_YEARS = (2, 2, 2, 2, 3, 3, 4, 5)


def tell_of_court(story: Story, applied: datetime) -> None:
    """Everything up to the making of the full order, or to its refusal or withdrawal."""
    refused_before_application(story, applied)
    with_interim = story.chance(0.55)
    _apply(story, applied, with_interim=with_interim)
    terms = terms_of_order(story.rng, story.force, legal_day(applied))
    hearing = _weekday(legal_day(applied) + timedelta(days=story.rng.randint(21, 56)))
    story.tell("HearingListed", story.after(applied, low=1, high=40), on=hearing)
    interim = _interim(story, applied, terms, hearing) if with_interim else None
    determined = story.on_day(hearing, opens=10, closes=15)
    if interim is not None:
        determined = _interim_life(story, interim, determined)
    _determine(story, applied, determined, terms)


def _apply(story: Story, applied: datetime, *, with_interim: bool) -> None:
    person = story.person
    age = person.age_on(legal_day(applied))
    story.tell(
        "ApplicationMade",
        applied,
        applicant="chief_officer",
        force=story.force,
        nexus=story.rng.choice(("resides", "resides", "resides", "believed_in_area")),
        defendant_age=age,
        court="magistrates" if age >= _ADULT else "youth",
        acts=_acts(story, legal_day(applied)),
        defendant={
            "name": person.name,
            "born": person.born.isoformat(),
            "aliases": list(person.aliases),
        },
        protected=protected_persons(story.rng),
        with_interim=with_interim,
    )


def _acts(story: Story, applied_on: date) -> list[dict[str, str]]:
    where = [*TOWNS[story.force]] * 4 + [*SCOTTISH_TOWNS[:1], *TOWNS_ABROAD[:1]]
    days = sorted(story.rng.randint(3, 200) for _ in range(story.rng.randint(2, 5)))
    return [
        {"on": (applied_on - timedelta(days=back)).isoformat(), "place": story.rng.choice(where)}
        for back in days
    ]


def _interim(
    story: Story, applied: datetime, terms: list[Condition], hearing: date
) -> Terms | None:
    asked = applied + timedelta(minutes=5)
    story.tell("InterimApplied", asked, force=story.force)
    if not story.chance(0.88):
        return None
    made = story.on_day(_weekday(legal_day(asked) + timedelta(days=1)), opens=10)
    last_day = hearing + timedelta(days=story.rng.randint(1, 10))
    conditions = terms[: max(1, len(terms) - 1)]
    refused_before_grant(story, made, interim=True)
    story.tell(
        "InterimOrderGranted", made, made_on=legal_day(made), last_day=last_day,
        conditions=conditions,
    )  # fmt: skip
    interim = Terms("interim", made, end_of(last_day), conditions)
    story.terms.append(interim)
    serve_interim(story, interim)
    _vary_interim(story, interim)
    return interim


def _vary_interim(story: Story, interim: Terms) -> None:
    """Only the chief officer who applied for it, or the person, may ask (s.5(7))."""
    if not story.chance(0.03) or any(t["code"] == "P-PROXY" for t in interim.conditions):
        return
    varied = story.after(interim.starts, low=72, high=240)
    new = plain_term("P-PROXY")
    story.tell("InterimVaried", varied, applicant="chief_officer", force=story.force, adds=[new])


def _interim_life(story: Story, interim: Terms, determined: datetime) -> datetime:
    """When the application is determined, after what became of the interim order meanwhile."""
    if story.chance(0.02):
        ended = story.after(interim.starts, low=96, high=300)
        if ended < determined:
            story.tell("InterimDischarged", ended, applicant="chief_officer", force=story.force)
            end_terms(story, ended)
        return determined
    if not story.chance(0.25):
        return determined
    later = _weekday(legal_day(determined) + timedelta(days=story.rng.randint(14, 42)))
    story.tell("HearingListed", determined, on=later)
    if story.chance(0.85):
        last_day = later + timedelta(days=7)
        story.tell(
            "InterimRenewed", determined + timedelta(minutes=20),
            applicant="chief_officer", force=story.force, last_day=last_day,
        )  # fmt: skip
        interim.ends = end_of(last_day)
    return story.on_day(later, opens=10, closes=15)


def _determine(
    story: Story, applied: datetime, determined: datetime, terms: list[Condition]
) -> None:
    fate = story.fate(withdrawn=0.04, refused=0.07)
    if fate == "withdrawn":
        end_terms(story, _withdrawn(story, applied, determined))
    elif fate == "refused":
        story.tell("ApplicationRefused", determined)
        end_terms(story, determined)
        _appeal_against_refusal(story, determined)
    else:
        _grant(story, determined, terms)


def _withdrawn(story: Story, applied: datetime, determined: datetime) -> datetime:
    withdrawn = max(determined - timedelta(days=story.rng.randint(1, 6)), applied)
    story.tell("ApplicationWithdrawn", withdrawn)
    return withdrawn


def _appeal_against_refusal(story: Story, refused: datetime) -> None:
    if not story.chance(0.25):
        return
    story.tell(
        "AppealLodged", story.after(refused, low=48, high=400),
        by="chief_officer_applied", against="refusal_full",
    )  # fmt: skip
    if not story.chance(0.4):
        return
    allowed = story.on_day(_weekday(legal_day(refused) + timedelta(days=60)), opens=10)
    last_day = last_day_of_years(legal_day(allowed), 2)
    story.tell(
        "AppealAllowed", allowed, effect="order_made",
        made_on=legal_day(allowed), last_day=last_day,
    )  # fmt: skip
    full = Terms("full", allowed, end_of(last_day), [plain_term("P-CONTACT-DIRECT")])
    story.terms.append(full)
    serve_full(story, full, present=False)


def _grant(story: Story, made: datetime, terms: list[Condition]) -> None:
    interim = story.bound_at(made)
    end_terms(story, made)
    present = story.chance(0.6)
    refused_before_grant(story, made, interim=False)
    made_on = legal_day(made)
    years = None if story.chance(0.2) else story.rng.choice(_YEARS)
    last_day = None if years is None else last_day_of_years(made_on, years)
    story.tell(
        "FullOrderGranted",
        made,
        made_on=made_on,
        conditions=terms,
        defendant_present=present,
        replaces_interim=interim is not None,
        **({"until": "further_order"} if last_day is None else {"last_day": last_day}),
    )
    ends = FOR_EVER if last_day is None else end_of(last_day)
    full = Terms("full", made, ends, terms, replaces_interim=interim is not None)
    story.terms.append(full)
    serve_full(story, full, present=present)


def _weekday(day: date) -> date:
    """The day itself, or the Monday after a weekend: courts sit on weekdays."""
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])
