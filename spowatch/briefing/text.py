"""The briefing as plain text: short lines, local times first, no colours, readable at 3 a.m."""

from collections.abc import Iterator
from typing import Any

from spowatch.briefing.order_text import order_lines
from spowatch.wording.text_rows import if_any, row, text, wrapped

Told = dict[str, Any]


def render(briefing: Told) -> str:
    """The whole briefing. Every line is at most 100 columns."""
    lines = [*wrapped(briefing["headline"]), ""]
    lines += wrapped(briefing["instruction"])
    lines += [f"As at {briefing['as_at']['said']}"]
    for heading, section in _SECTIONS:
        body = list(section(briefing))
        if body:
            lines += ["", heading, *body]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _breach(briefing: Told) -> Iterator[str]:
    told = briefing["breach"]
    if told is None:
        return
    yield from row("What", f"{told['condition']}: {told['what']} (judged: {told['judged']})")
    yield from _as_reported(told)


def _as_reported(told: Told) -> Iterator[str]:
    yield from row("Happened", told["occurred_at"])
    yield from row("Reported", told["reported_at"])
    yield from row("Entered here", told["recorded_at"])
    yield from row("Source", told["source"])
    yield from if_any("Channel", told.get("channel"))
    yield from if_any("Place", told.get("place"))
    if told.get("measured_m") is not None:
        error = told["error_m"]
        within = "error not stated" if error is None else f"give or take {error:g} m"
        limit = f"; the term says {told['limit_m']:g} m" if told.get("limit_m") else ""
        yield from row("Measured", f"{told['measured_m']:g} m away, {within}{limit}")
    yield from if_any("Began by", told.get("initiated_by"))
    yield from if_any("Markers", told.get("markers"))
    yield from row("Account", told["narrative"])
    yield from row("Incident", told["incident"])
    for other in told["other_reports"]:
        source = other["source"] or "source not recorded"
        yield from row("Also reported", f"{other['reported_at']['said']}, {source}")


def _missed(briefing: Told) -> Iterator[str]:
    told = briefing["missed_duty"]
    if told is None:
        return
    yield from row("Not notified", f"{told['kind']} (judged: {told['judged']})")
    yield from row("Three days", f"{told['first_day']} to {told['last_day']}, both counted")
    yield from row("Too late from", told["deadline"])
    yield from row("Late by", told["late_by"])
    yield from if_any("Notified late", told["met_late_at"])


def _matter(briefing: Told) -> Iterator[str]:
    told = briefing["matter"]
    if told is not None:
        yield from row("What", told["what"])
        yield from if_any("Day", told.get("first_day"))
        yield from row("Since", told["since"])
        if told.get("report") is not None:
            yield from _as_reported(told["report"])


def _subject(briefing: Told) -> Iterator[str]:
    told = briefing["subject"]
    yield from row("Name", told["name"])
    yield from if_any("Also known as", told["aliases"])
    yield from row("Born", told["born"])
    yield from row("PNC id", told["pnc_id"])
    yield from if_any("Description", told["description"])
    yield from if_any("WARNING MARKERS", told["markers"])
    if told["child"]:
        yield from row("AGE", "under 18 when this began: involve children's services")
    yield from _address(told["notified_address"])
    for move in told["moves_known_since"]:
        words = f"{move['to']} ({move['area']}), since {move['at']['said']}; NOT NOTIFIED"
        yield from row("Moved to", words)
    yield from _whereabouts(told)


def _address(told: Told | None) -> Iterator[str]:
    if told is None:
        yield from row("Notified address", "none notified")
        return
    yield from row("Notified address", f"{told['address']} ({told['kind']})")
    checked = "" if told["checked_at"] is None else f", {told['checked_at']['said']}"
    state = "verified" if told["verified"] else "NOT VERIFIED"
    yield from row(
        "", f"notified {told['notified_at']['said']}; {state} ({told['check']}{checked})"
    )


def _whereabouts(told: Told) -> Iterator[str]:
    if told["died"] is not None:
        yield from row("DIED", told["died"])
    spells = (("custody", "in custody"), ("hospital", "in hospital"), ("abroad", "outside the UK"))
    for key, words in spells:
        spell = told[key]
        if spell["now"]:
            where = f" at {spell['establishment']}" if spell.get("establishment") else ""
            yield from row("Whereabouts", f"{words.upper()}{where} since {spell['since']['said']}")
        elif spell["at_the_act"]:
            yield from row("Whereabouts", f"was {words} when it happened")
    if not any(told[key]["now"] for key, _ in spells):
        yield from row("Whereabouts", "not known to be in custody, in hospital or abroad")


def _power(briefing: Told) -> Iterator[str]:
    told = briefing["power"]
    offence = told["offence"]
    if offence is not None:
        code = f", PNLD {offence['pnld']}" if offence["pnld"] else ""
        yield from row("Offence", f"{offence['wording']}, {offence['provision']}{code}")
        yield from row("Maximum", offence["maximum"])
        for check in told["verify_before_arrest"]:
            yield from row(f"[ ] {check['check']}", check["record"])
    yield from wrapped(told["advice"], "  ")


def _necessity(briefing: Told) -> Iterator[str]:
    for each in briefing["necessity"]:
        yield f"  [ ] {each['reason']}  {each['prompt']}"
        for fact in each["facts"] or ["nothing on record"]:
            yield from wrapped(f"- {fact}", "      ")


def _risk(briefing: Told) -> Iterator[str]:
    told = briefing["risk"]
    yield from row("Level", told["level"])
    yield from if_any("Markers on report", told["markers_on_report"])
    counts = told["earlier_breaches"]
    words = "; ".join(f"{count} in {name}" for name, count in counts.items())
    yield from row("Earlier breaches", f"{words} (all orders of the person)")
    for each in told["earlier_breach_dates"][:_LISTED]:
        words = f"{each['occurred_at']['said']}, {each['condition']}, {each['judged']}"
        yield from row("", f"{words}, {each['order']}")
    yield from row("Missed notifications", told["missed_notifications"])


_LISTED = 10
"""Earlier breaches on the sheet; the JSON form has them all."""


def _protected(briefing: Told) -> Iterator[str]:
    told = briefing["protected_persons"]
    yield from wrapped(told["handling"], "  ")
    for person in told["persons"]:
        relation = f" ({person['relationship']})" if person["relationship"] else ""
        yield from row("Protected", f"{person['name']}{relation}")
        yield from row("  safe contact", person["safe_contact"])
    if not told["persons"]:
        yield from row("Protected", None)


def _provenance(briefing: Told) -> Iterator[str]:
    told = briefing["provenance"]
    if told["withdrawn"]:
        yield from row("WITHDRAWN", told["withdrawn_because"])
    yield from row("Alert", told["alert"])
    yield from row("Rule", f"{told['rule']} ({told['class']}), law {told['law']}")
    place = "" if told["position"] is None else f", alert at log position {told['position']}"
    yield from row("Cause", f"event {told['cause']}{place}")
    yield from row("Due", told["due_at"])
    late = "" if told["late_because"] is None else f": {told['late_because']}"
    after = f"{told['late_by_seconds']:g} s after due{late}"
    yield from row("Raised", f"{text(told['raised_at'])}, {after}")
    because = "; ".join(told["priority_because"]) or "the kind of alert"
    yield from row("Priority", f"{told['priority']}, because: {because}")
    for each in told["doubts"] or ["none on record"]:
        yield from row("Doubt", each)


_SECTIONS = (
    ("WHAT HAPPENED", _breach),
    ("WHAT WAS NOT NOTIFIED", _missed),
    ("WHAT IT IS ABOUT", _matter),
    ("WHO", _subject),
    ("THE ORDER", order_lines),
    ("POWER", _power),
    ("NECESSITY: tick what you believe, and why (PACE s.24(5))", _necessity),
    ("RISK", _risk),
    ("PROTECTED PERSONS", _protected),
    ("WHERE THIS COMES FROM", _provenance),
)
