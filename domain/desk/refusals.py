"""What the desk refuses, under which rule, in a plain sentence that says what to do."""

from types import MappingProxyType

from domain.refusals import Refusal, Refused

_DESK = "desk rule"
_TABLE = (
    ("NO_SUCH_ALERT", "No such alert is on record; look it up with `alerts list --all`."),
    ("ALERT_IS_CLOSED", "The alert is closed; reopen it, with the reason, before anything else."),
    ("ALERT_NOT_CLOSED", "The alert is open: there is nothing to reopen."),
    ("OWNED_BY_ANOTHER", "Somebody else owns the alert and is working on it; take it by hand-over."),
    ("NOT_THE_OWNER", "Only the owner may do this; acknowledge the alert first."),
    ("NOT_ON_DUTY", "The rota does not have this person on duty in that role; sign on first."),
    ("OF_ANOTHER_FORCE", "The alert is with another force; it can be offered, not taken."),
    ("SUPERVISOR_NEEDED", "A supervisor or duty officer must do this."),
    ("REASON_NEEDED", "Say why: the reason stays on record."),
    ("REFERENCE_NEEDED", "Give the reference that this outcome needs."),
    ("NOT_WITHDRAWN", "The alert stands: what it was raised for was not withdrawn."),
    ("OUTCOME_NEEDED", "Record what came of it before closing."),
    ("QUESTION_UNANSWERED", "Every question of the close form must be answered."),
    ("PROTECTED_PERSON_NOT_TOLD", "Tell the protected person, or a supervisor says why not."),
    ("TRANSFER_PENDING", "The alert is offered to another force; wait for the answer."),
    ("NO_TRANSFER_OFFERED", "No transfer of this alert is waiting for an answer."),
    ("NOT_OFFERED_TO_THIS_FORCE", "The transfer was offered to another force."),
    ("ALREADY_WITH_THIS_FORCE", "The alert is with that force already."),
    ("LOWERED_WITHOUT_SUPERVISOR", "Anybody may raise a priority; only a supervisor lowers one."),
    ("SUPPRESSION_NAMES_NO_TERM", "Name the terms it is for: nothing is muted as a whole."),
    ("SUPPRESSION_TOO_LONG", "That is too long at once; decide again when it ends."),
    ("SECOND_PERSON_NEEDED", "Two people disable a rule: one proposes it, another supervisor agrees."),
    ("CUSTODY_NEVER_HOLDS_CONTACT", "Contact from custody is a breach like any other."),
    ("NO_SUCH_HANDOVER", "No such hand-over is on record; see `desk handover list`."),
    ("NO_SUCH_SUPPRESSION", "No such decision is on record; see `desk suppression list`."),
    ("NO_SUCH_PROPOSAL", "Nothing of that kind waits for a second person: it lapsed, was withdrawn, or runs already; see `desk suppression list`."),
    ("SHIFT_ALREADY_SIGNED", "The hand-over is signed; prepare a new one."),
    ("NOT_ON_THIS_HANDOVER", "That alert is not on this hand-over."),
    ("ALERTS_NOT_ACCEPTED", "Every alert on the hand-over must be accepted by name first."),
    ("OPEN_PRIORITY_ONE", "An open priority 1 alert is still yours: hand it over before signing off."),
    ("ABOUT_A_READING", "It is about a reading of the case, so has no briefing; a reviewer judges it at /access/reviews."),
    ("HANDOVER_TO_ONESELF", "A shift is handed over to somebody else."),
)  # fmt: skip

DESK_REFUSALS = MappingProxyType({code: Refusal(code, _DESK, text) for code, text in _TABLE})


def refused_at_desk(code: str, *, reference: str = "") -> Refused:
    return Refused(DESK_REFUSALS[code], reference=reference)
