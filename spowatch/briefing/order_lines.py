"""The briefing's part on the order, in words: in force, served, and the term to the letter."""

from collections.abc import Iterator
from typing import Any

from spowatch.briefing.lines import Line, Row, if_any

Told = dict[str, Any]


def order_lines(briefing: Told) -> Iterator[Line]:
    told = briefing["order"]
    yield Row("Reference", f"{told['reference']} ({told['force']})")
    if not told["made"]:
        yield Row("Order", "none on record")
        return
    court = f", {told['court']} court" if told["court"] else ""
    yield Row("Kind", f"{told['kind']} order{court}, made {told['made_on']}")
    yield from _in_force(told)
    yield from if_any("Ended by", told["ended_by"])
    yield from _service(told["service"])
    yield from _term(told["term"], told["terms_version"])
    for change in told["variations"]:
        adds = f", adds {', '.join(change['adds'])}" if change["adds"] else ""
        removes = f", removes {', '.join(change['removes'])}" if change["removes"] else ""
        later = "; AFTER IT HAPPENED" if change["after_the_act"] else ""
        yield Row(change["what"], f"{change['at']['said']}{adds}{removes}{later}")
    if told["appeal_pending"]:
        yield Row("APPEAL", "pending")
    if told["history_assumed"]:
        yield Row("HISTORY", "assumed: the order was entered without what came before")


def _in_force(told: Told) -> Iterator[Line]:
    ends = told["in_force_to"]
    until = "until a further order" if ends is None else f"until {ends['said']}"
    if told["last_day"] is not None:
        until = f"to the end of {told['last_day']}"
    yield Row("In force", f"from {told['in_force_from']['said']} {until}")
    then = "YES" if told["in_force_at_the_act"] else "NO"
    now = "YES" if told["this_order_in_force_now"] else "NO"
    other = told["in_force_now"] if now == "NO" else None
    beside = f"; but another order, {other}, is in force now" if other else ""
    yield Row("", f"at the time: {then}; now: {now}{beside}")


def _service(told: Told) -> Iterator[Line]:
    if told["served_at"] is None:
        yield Row("Served", "NOT ON RECORD")
    else:
        proof = "proven" if told["proven"] else "NOT PROVEN"
        when = "" if told["served_by_the_act"] else "; AFTER IT HAPPENED"
        words = (
            f"{told['served_at']['said']}, {told['method'] or 'how not recorded'}, {proof}{when}"
        )
        yield Row("Served", words)
        yield from if_any("Proof of service", told["evidence"])
    if told["present_when_made"] is not None:
        yield Row("In court when made", told["present_when_made"])


def _term(told: Told | None, version: int) -> Iterator[Line]:
    if told is None:
        return
    yield Row("Term", f"{told['code']}, {told['title']} (version {version} of the terms)")
    wording = told["wording"]
    exact = f'"{wording}"' if wording else "NOT RECORDED: read the sealed order"
    yield Row("Exact wording", exact)
    for name, value in told["parameters"].items():
        yield Row(f"  {name}", value)
    yield from if_any("Only within", told["locality"])
    yield from if_any("Except", told["exceptions"])
    yield from if_any("This term until", told["last_day"])
