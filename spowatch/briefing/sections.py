"""What the briefing says, section by section, in the words that screen and paper share."""

from collections.abc import Callable, Iterator
from typing import Any

from spowatch.briefing.lines import Line, Row, Tick, Words, if_any
from spowatch.briefing.order_lines import order_lines
from spowatch.wording.plain_words import doubt
from spowatch.wording.priority_words import priority_line
from spowatch.wording.text_rows import text

Told = dict[str, Any]
PROTECTED = "PROTECTED PERSONS"


def _breach(briefing: Told) -> Iterator[Line]:
    told = briefing["breach"]
    if told is None:
        return
    yield Row("What", f"{told['condition']}: {told['what']} (judged: {told['judged']})")
    yield from _as_reported(told)


def _as_reported(told: Told) -> Iterator[Line]:
    yield Row("Happened", told["occurred_at"])
    yield Row("Reported", told["reported_at"])
    yield Row("Entered here", told["recorded_at"])
    yield Row("Source", told["source"])
    yield from if_any("Channel", told.get("channel"))
    yield from if_any("Place", told.get("place"))
    if told.get("measured_m") is not None:
        error = told["error_m"]
        within = "error not stated" if error is None else f"give or take {error:g} m"
        limit = f"; the term says {told['limit_m']:g} m" if told.get("limit_m") else ""
        yield Row("Measured", f"{told['measured_m']:g} m away, {within}{limit}")
    yield from if_any("Began by", told.get("initiated_by"))
    yield from if_any("Markers", told.get("markers"))
    yield Row("Account", told["narrative"])
    yield Row("Incident", told["incident"])
    for other in told["other_reports"]:
        source = other["source"] or "source not recorded"
        yield Row("Also reported", f"{other['reported_at']['said']}, {source}")


def _missed(briefing: Told) -> Iterator[Line]:
    told = briefing["missed_duty"]
    if told is None:
        return
    yield Row("Not notified", f"{told['kind']} (judged: {told['judged']})")
    yield Row("Three days", f"{told['first_day']} to {told['last_day']}, both counted")
    yield Row("Too late from", told["deadline"])
    yield Row("Late by", told["late_by"])
    yield from if_any("Notified late", told["met_late_at"])


def _matter(briefing: Told) -> Iterator[Line]:
    told = briefing["matter"]
    if told is not None:
        yield Row("What", told["what"])
        yield from if_any("Day", told.get("first_day"))
        yield Row("Since", told["since"])
        if told.get("report") is not None:
            yield from _as_reported(told["report"])


def _doubts(briefing: Told) -> Iterator[Line]:
    found = [
        *briefing["provenance"]["doubts"],
        *_doubts_on_service(briefing["order"].get("service")),
    ]
    for each in dict.fromkeys(found) or ["nothing on record speaks against it"]:
        yield Words(each)


def _doubts_on_service(told: Told | None) -> Iterator[str]:
    """What an officer must prove first, whatever the alert was raised for."""
    if told is None:
        return
    if told["served_at"] is None:
        yield doubt("service_not_recorded")
    elif not told["proven"]:
        yield doubt("service_proof")
    elif not told["served_by_the_act"]:
        yield "the order was served after it happened"


def _subject(briefing: Told) -> Iterator[Line]:
    told = briefing["subject"]
    yield Row("Name", told["name"])
    yield from if_any("Also known as", told["aliases"])
    yield Row("Born", told["born"])
    yield Row("PNC id", told["pnc_id"])
    yield from if_any("Description", told["description"])
    yield from if_any("WARNING MARKERS", told["markers"])
    if told["child"]:
        yield Row("AGE", "under 18 when this began: involve children's services")
    yield from _address(told["notified_address"])
    for move in told["moves_known_since"]:
        words = f"{move['to']} ({move['area']}), since {move['at']['said']}; NOT NOTIFIED"
        yield Row("Moved to", words)
    yield from _whereabouts(told)


def _address(told: Told | None) -> Iterator[Line]:
    if told is None:
        yield Row("Notified address", "none notified")
        return
    yield Row("Notified address", f"{told['address']} ({told['kind']})")
    checked = "" if told["checked_at"] is None else f", {told['checked_at']['said']}"
    state = "verified" if told["verified"] else "NOT VERIFIED"
    yield Row("", f"notified {told['notified_at']['said']}; {state} ({told['check']}{checked})")


def _whereabouts(told: Told) -> Iterator[Line]:
    if told["died"] is not None:
        yield Row("DIED", told["died"])
    spells = (("custody", "in custody"), ("hospital", "in hospital"), ("abroad", "outside the UK"))
    for key, words in spells:
        spell = told[key]
        if spell["now"]:
            where = f" at {spell['establishment']}" if spell.get("establishment") else ""
            yield Row("Whereabouts", f"{words.upper()}{where} since {spell['since']['said']}")
        elif spell["at_the_act"]:
            yield Row("Whereabouts", f"was {words} when it happened")
    if not any(told[key]["now"] for key, _ in spells):
        yield Row("Whereabouts", "not known to be in custody, in hospital or abroad")


def _power(briefing: Told) -> Iterator[Line]:
    told = briefing["power"]
    offence = told["offence"]
    if offence is not None:
        code = f", PNLD {offence['pnld']}" if offence["pnld"] else ""
        yield Row("Offence", f"{offence['wording']}, {offence['provision']}{code}")
        yield Row("Maximum", offence["maximum"])
        for check in told["verify_before_arrest"]:
            yield Tick(check["check"], check["record"])
    yield Words(told["advice"])


def _necessity(briefing: Told) -> Iterator[Line]:
    for each in briefing["necessity"]:
        yield Tick(each["reason"], each["prompt"], tuple(each["facts"]) or ("nothing on record",))


def _risk(briefing: Told) -> Iterator[Line]:
    told = briefing["risk"]
    yield Row("Level", told["level"])
    yield from if_any("Markers on report", told["markers_on_report"])
    counts = told["earlier_breaches"]
    words = "; ".join(f"{count} in {name}" for name, count in counts.items())
    yield Row("Earlier breaches", f"{words} (all orders of the person)")
    for each in told["earlier_breach_dates"][:_LISTED]:
        words = f"{each['occurred_at']['said']}, {each['condition']}, {each['judged']}"
        yield Row("", f"{words}, {each['order']}")
    yield Row("Missed notifications", told["missed_notifications"])


_LISTED = 10
"""Earlier breaches on the sheet; the JSON form has them all."""


def protected(briefing: Told) -> Iterator[Line]:
    told = briefing["protected_persons"]
    yield Words(told["handling"])
    for person in told["persons"]:
        relation = f" ({person['relationship']})" if person["relationship"] else ""
        yield Row("Protected", f"{person['name']}{relation}")
        yield Row("  safe contact", person["safe_contact"])
    if not told["persons"]:
        yield Row("Protected", None)


def _provenance(briefing: Told) -> Iterator[Line]:
    told = briefing["provenance"]
    if told["withdrawn"]:
        yield Row("WITHDRAWN", told["withdrawn_because"])
    yield Row("Alert", told["alert"])
    yield Row("Rule", f"{told['rule']} ({told['class']}), law {told['law']}")
    place = "" if told["position"] is None else f", alert at log position {told['position']}"
    yield Row("Cause", f"event {told['cause']}{place}")
    yield Row("Due", told["due_at"])
    late = "" if told["late_because"] is None else f": {told['late_because']}"
    after = f"{told['late_by_seconds']:g} s after due{late}"
    yield Row("Raised", f"{text(told['raised_at'])}, {after}")
    yield Row("Priority", priority_line(told))


SECTIONS: tuple[tuple[str, Callable[[Told], Iterator[Line]]], ...] = (
    ("WHAT HAPPENED", _breach),
    ("WHAT WAS NOT NOTIFIED", _missed),
    ("WHAT IT IS ABOUT", _matter),
    ("WHAT IS DOUBTFUL", _doubts),
    ("WHO", _subject),
    ("THE ORDER", order_lines),
    ("POWER", _power),
    ("NECESSITY: tick what you believe, and why (PACE s.24(5))", _necessity),
    ("RISK", _risk),
    (PROTECTED, protected),
    ("WHERE THIS COMES FROM", _provenance),
)
