"""Breaches of every kind, most of them by the few who do it again and again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from spowatch.caseload.refused import SHARE, refused_disposal
from spowatch.caseload.story import FOR_EVER, Story, Terms
from spowatch.caseload.terms import Condition
from spowatch.caseload.towns import SCOTTISH_TOWNS, TOWNS, TOWNS_ABROAD

_CHANNELS = ("call", "text", "email", "letter", "gift", "in_person", "message", "social_media")
_FROM_CUSTODY = ("call", "letter", "illicit_phone")
_TELLING = {
    "call": "Repeated calls from a withheld number; the voice was recognised.",
    "text": "A series of text messages in the night.",
    "email": "An e-mail from a new address, written in the usual way.",
    "letter": "A letter put through the door.",
    "gift": "Flowers delivered to the place of work.",
    "in_person": "Spoke to the protected person at the bus stop.",
    "message": "Messages on a gaming platform.",
    "social_media": "A post that names the protected person.",
    "illicit_phone": "A call from a mobile telephone held in prison.",
}
_SOURCES = ("victim", "victim", "victim", "neighbour", "officer", "phone_download", "provider")


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, before it is known when it was reported."""

    condition: Condition
    occurred: datetime


def tell_of_breaches(story: Story) -> None:
    """A third of those bound break the order; a few of them, many times."""
    if not story.chance(0.35):
        return
    times = story.rng.randint(3, 9) if story.chance(0.3) else story.rng.choice((1, 1, 1, 2))
    for number in range(1, times + 1):
        terms = _some_terms(story)
        if terms is not None:
            tell_of_one(story, terms, number)


def tell_of_one(story: Story, terms: Terms, number: int) -> None:
    occurred = _some_time(story, terms)
    act = Act(_some_condition(story, terms, occurred), occurred)
    incident = f"{story.order}-{number}"
    reported = _when_reported(story, terms, occurred)
    report(story, act, reported, incident)
    again = occurred + timedelta(hours=2)
    if story.chance(0.06) and again < min(terms.ends, reported):
        report(story, Act(act.condition, again), reported + timedelta(minutes=9), f"{incident}b")
    if not act.condition["code"].startswith("R-"):
        _aftermath(story, reported, incident)


def tell_of_another(story: Story, now: datetime) -> None:
    """A breach a few minutes ago, reported now."""
    terms = story.bound_at(now)
    if terms is None:
        return
    occurred = max(terms.starts, now - timedelta(minutes=story.rng.randint(2, 40)))
    condition = _some_condition(story, terms, occurred)
    act = Act(condition, now if condition["code"].startswith("R-") else occurred)
    incident = f"{story.order}-now-{len(story.facts)}"
    report(story, act, now, incident)
    match story.fate(retracted=0.03, arrested=0.1):
        case "retracted" if not condition["code"].startswith("R-"):
            when = story.after(now, low=0.1, high=0.5)
            story.tell("BreachRetracted", when, incident=incident, reason="wrong_person")
        case "arrested":
            detain(story, story.after(now, low=0.2, high=0.8), kind="remand")


def detain(story: Story, start: datetime, *, kind: str, end: datetime = FOR_EVER) -> None:
    if story.in_custody_at(start):
        return
    story.tell("CustodyStarted", start, kind=kind, establishment="HMP Fernhollow")
    if end != FOR_EVER:
        story.tell("CustodyEnded", end)
    story.custody.append((start, end))


def report(story: Story, act: Act, reported: datetime, incident: str) -> None:
    code = act.condition["code"]
    if code.startswith("R-"):
        excuse = story.rng.choice((None, None, "says the bus did not come", "says unwell"))
        story.tell("AppointmentMissed", act.occurred, condition=code, reason_given=excuse)
        return
    told = _TOLD_BY_CODE.get(code, _by_contact)(story, act)
    story.tell(
        "BreachReported",
        reported,
        occurred_at=act.occurred,
        condition=code,
        incident=incident,
        **told,
    )


def _when_reported(story: Story, terms: Terms, occurred: datetime) -> datetime:
    """Soon for most; days or weeks later for some, even after the order has ended."""
    match story.fate(days=0.12, weeks=0.06, after_the_end=0.06):
        case "days":
            return story.after(occurred, low=10, high=96)
        case "weeks":
            return story.after(occurred, low=96, high=1500)
        case "after_the_end" if terms.ends < story.until:
            return story.after(terms.ends, low=10, high=400)
    return story.after(occurred, low=0.05, high=3)


def _by_contact(story: Story, act: Act) -> dict[str, Any]:
    detained = story.in_custody_at(act.occurred)
    channel = story.rng.choice(_FROM_CUSTODY if detained else _CHANNELS)
    told: dict[str, Any] = {
        "source": story.rng.choice(_SOURCES),
        "channel": channel,
        "narrative": _TELLING[channel],
    }
    if story.chance(0.03):
        told["initiated_by"] = "protected_person"
    place = "" if detained else _somewhere(story)
    return told | {"place": place} if place else told


def _somewhere(story: Story) -> str:
    """Mostly unsaid; now and then at home, over the border or abroad."""
    match story.fate(home=0.3, scotland=0.03, abroad=0.02):
        case "home":
            return story.rng.choice(TOWNS[story.force])
        case "scotland":
            return story.rng.choice(SCOTTISH_TOWNS)
        case "abroad":
            return story.rng.choice(TOWNS_ABROAD)
    return ""


def _by_measure(story: Story, act: Act) -> dict[str, Any]:
    """A position with its error: most lie well inside, some cannot be told from the edge."""
    metres = act.condition["metres"]
    error = story.rng.choice((5, 10, 15, 25))
    near_the_edge = story.chance(0.25)
    measured = metres - (error // 2 if near_the_edge else metres // 2 + error // 2)
    return {
        "source": story.rng.choice(("cctv", "phone_location", "officer", "anpr")),
        "measured_m": max(1, measured),
        "error_m": error,
        "place": TOWNS[story.force][0],
    }


def _by_sighting(story: Story, act: Act) -> dict[str, Any]:
    place = act.condition.get("locality", TOWNS[story.force][0])
    if "locality" in act.condition and story.chance(30 * SHARE):
        place = TOWNS["Cumbria" if story.force != "Cumbria" else "Kent"][0]
    source = story.rng.choice(("victim", "neighbour", "cctv", "employer"))
    return {"source": source, "place": place, "narrative": "Seen standing there for ten minutes."}


def _online(story: Story, _act: Act) -> dict[str, Any]:
    told = "A post that could only mean the protected person."
    source = story.rng.choice(("victim", "officer", "phone_download"))
    return {"source": source, "channel": "social_media", "narrative": told}


def _through_others(story: Story, _act: Act) -> dict[str, Any]:
    told = "A cousin passed on a message and said who had asked for it."
    return {"source": story.rng.choice(("victim", "witness")), "narrative": told}


_TOLD_BY_CODE: dict[str, Callable[[Story, Act], dict[str, Any]]] = {
    "P-ZONE-DIST": _by_measure,
    "P-APPROACH": _by_measure,
    "P-ZONE-AREA": _by_sighting,
    "P-WORKPLACE": _by_sighting,
    "P-SURVEIL": _by_sighting,
    "P-REF-SOCIAL": _online,
    "P-ACCOUNT": _online,
    "P-IMAGE-SHARE": _online,
    "P-SEARCH": _online,
    "P-CONTACT-INDIRECT": _through_others,
    "P-PROXY": _through_others,
}


def _some_terms(story: Story) -> Terms | None:
    """A spell of terms that has begun, the longer the likelier; early weeks are the worst."""
    begun = [terms for terms in story.terms if terms.starts < story.until]
    if not begun:
        return None
    lengths = [(min(terms.ends, story.until) - terms.starts).total_seconds() for terms in begun]
    return story.rng.choices(begun, weights=[length + 1 for length in lengths])[0]


def _some_time(story: Story, terms: Terms) -> datetime:
    lasted = (min(terms.ends, story.until) - terms.starts).total_seconds()
    minutes = int(lasted * story.rng.random() ** 2 / 60)
    return terms.starts + timedelta(minutes=minutes)


def _some_condition(story: Story, terms: Terms, occurred: datetime) -> Condition:
    """Contact is the commonest; a term whose own period has run out is broken no more."""
    day = occurred.date().isoformat()
    live = [
        term
        for term in terms.conditions
        if not term.get("own_period") or day < term["period"]["last_day"]
    ]
    if story.in_custody_at(occurred):
        live = [term for term in live if term["code"] == "P-CONTACT-DIRECT"]
    return story.rng.choice(live[:1] * 2 + live)


def _aftermath(story: Story, reported: datetime, incident: str) -> None:
    match story.fate(retracted=0.03, charged=0.25):
        case "retracted":
            when = story.after(reported, low=2, high=60)
            story.tell("BreachRetracted", when, incident=incident, reason="wrong_person")
        case "charged":
            _charged(story, story.after(reported, low=5, high=200))


def _charged(story: Story, when: datetime) -> None:
    story.tell("Charged", when, offence="s8")
    outcome = story.after(when, low=500, high=3000)
    refused_disposal(story, outcome)
    disposal = story.rng.choice(("fine", "community_order", "suspended_sentence", "custody"))
    story.tell("CourtOutcome", outcome, offence="s8", disposal=disposal)
