"""What a form about an order is shown with, and the fact that comes of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID

from starlette.datastructures import FormData

from domain.dossier import order_id
from domain.facts.breaches import AppointmentMissed, BreachReported
from domain.facts.notification import NotificationReceived
from domain.orders import StalkingProtectionOrder
from domain.taxonomy import TAXONOMY
from web.access import NotYours, Person
from web.addresses import order_path
from web.court.answers import term_words
from web.court.commands import Recording
from web.court.fields import Field
from web.court.forms import Filled
from web.entering import Entry
from web.language import _
from web.order_access import may_enter
from web.readable import found_by_search, order_at, read_order
from web.system import System

_KEY = re.compile(r"[\w-]{20,64}")
KEPT_WHATEVER_THEY_ARE = (BreachReported, AppointmentMissed, NotificationReceived)
"""A refusal of these is a judgement about what is kept on record: it does not stop the recording."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The order a form is about, as far as this person may see it: None of another force's, or a new one."""

    reference: str
    order: StalkingProtectionOrder | None


def shown_to(system: System, person: Person, reference: str, recording: Recording) -> Shown:
    """Raises `NotYours`. That the order's terms are read is on record."""
    may_enter(system, person, recording.kind, reference)
    return Shown(reference, order_if_theirs(system, person, reference))


def order_if_theirs(
    system: System, person: Person, reference: str
) -> StalkingProtectionOrder | None:
    """The order, on record that it is read; None where there is none, or none that they may read."""
    try:
        order = order_at(system, reference)
        read_order(system, person, order, person.usual_purpose, system.now())
    except NotYours:
        return None
    return order


def terms_at(shown: Shown, at: datetime, now: datetime) -> list[tuple[str, str]]:
    """Terms in force then, by code; every kind there is where none is known to have been."""
    found: dict[str, str] = {}
    if shown.order is not None:
        history = shown.order.position(max(now, shown.order.known_until or now)).history
        for order in (*history.dapos, *history.orders):
            if order.in_force_at(at):
                for term in order.terms_at(at).conditions:
                    found[term.code] = term_words(term.model_dump())
    return list(found.items()) or every_term()


def every_term() -> list[tuple[str, str]]:
    return [(code, f"{code}, {_(term.title)}") for code, term in TAXONOMY.items()]


def entry_of(recording: Recording, reference: str, told: Filled, person: Person, key: str) -> Entry:
    """The fact as a person at a screen states it: known from now on, whenever it happened."""
    return Entry(
        recording.kind,
        reference,
        told.values,
        person,
        t=told.t,
        person=told.person,
        key=f"form:{key}",
    )


def orders_on(system: System, person: Person, reference: str) -> list[str]:
    """Orders of their own force on the person of that reference: a slip of the pen would make two people one.

    They are found as by a search for the person, and on record as that.
    """
    meant = system.register.person_of(reference, person.force)
    known = system.register.subject(meant).order_ids
    orders = (system.register.order_by_id(each) for each in known)
    theirs = [order for order in orders if person.of_force(order.force)]
    found = found_by_search(system, person, theirs, system.now())
    return [order.reference for order in found]


def key_of(form: FormData) -> str:
    """The form's own key, made when it was first shown: sent twice, it records once."""
    given = str(form.get("key", ""))
    return given if _KEY.fullmatch(given) else new_key()


def new_key() -> str:
    return token_urlsafe(24)


def recorded_place(reference: str, event: UUID) -> str:
    return f"{order_path(reference, order_id(reference))}/recorded/{event}"


def spoken(field: Field, terms: Sequence[tuple[str, str]]) -> Field:
    """The question as it is asked: in the language spoken, and about the order's own terms.

    Looked up here and not in a template, where a text that is looked up counts as safe: the words of a
    term are the court's, and anybody's.
    """
    of_the_order = field.name in {"condition", "removes"}
    choices = terms if of_the_order else [(each, _(text)) for each, text in field.choices]
    hint = _(field.hint) if field.hint else ""
    parts = tuple(spoken(part, terms) for part in field.parts)
    return Field(field.name, field.kind, _(field.label), hint, tuple(choices), parts)
