"""Recording what a court, an officer or a person did: task list, form, check your answers, done once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from domain.refusals import Refusal, Refused
from domain.vocabulary import UnreadableFact
from web.access import NotYours
from web.court.answers import answers
from web.court.commands import RECORDINGS, Recording
from web.court.desk import (
    KEPT_WHATEVER_THEY_ARE,
    Shown,
    entry_of,
    every_term,
    key_of,
    new_key,
    orders_on,
    recorded_place,
    shown_to,
    spoken,
    terms_at,
)
from web.court.forms import MOST_TERMS, Filled, Unanswerable, filled, now_in, shown_terms, time_of
from web.court.parts import question_of
from web.entering import KeyUsedBefore
from web.language import _
from web.readable import OrderNamed
from web.rendering import page
from web.requests import OwnForm, SignedIn, TheSystem
from web.sessions import Session
from web.system import System

router = APIRouter(include_in_schema=False)
Command = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]
_NOT_SAID = {"csrf", "go"}


class _Desk:
    """One form on its way: who has it, about which order, with what was typed so far."""

    def __init__(self, system: System, session: Session, reference: str, command: str) -> None:
        if command not in RECORDINGS:
            raise NotYours
        self.system, self.session = system, session
        self.recording: Recording = RECORDINGS[command]
        self.shown: Shown = shown_to(system, session.person, reference, self.recording)

    def form(
        self,
        form: FormData,
        *,
        errors: Mapping[str, str] | None = None,
        refused: Refusal | None = None,
    ) -> Response:
        """The questions with what was typed; every error in a summary on top."""
        wrong = dict(errors or {})
        status = 422 if wrong else 409 if refused is not None else 200
        return self._page("court_form.html", form, status, errors=wrong, refused=refused)

    def check(self, form: FormData, told: Filled, refused: Refusal | None) -> Response:
        said = answers(self.recording, self._fields(form), told.t, told.answered)
        theirs = told.person and orders_on(self.system, self.session.person, told.person)
        shown = {"answers": list(said), "refused": refused, "orders_on_them": theirs}
        return self._page("court_check.html", form, 200, **shown)

    def _page(self, template: str, form: FormData, status: int, **values: Any) -> Response:
        return page(
            template,
            status=status,
            session=self.session,
            demo=self.system.demo,
            recording=self.recording,
            reference=self.shown.reference,
            fields=self._fields(form),
            given=form,
            kept=[(name, value) for name, value in form.multi_items() if name not in _NOT_SAID],
            rooms=lambda name: shown_terms(form, name),
            every_term=every_term(),
            key=key_of(form),
            when_first="occurred_at" in self._asked and _time(form, "occurred_at") is None,
            **values,
        )

    @property
    def _asked(self) -> tuple[str, ...]:
        return self.recording.asked

    def _fields(self, form: FormData) -> list[Any]:
        now = self.system.now()
        at = _time(form, "occurred_at") or _time(form, "t") or now
        terms = terms_at(self.shown, at, now) if {"condition", "removes"} & {*self._asked} else []
        # Whose order it is, is settled once its record has begun.
        begun = self.shown.order is not None
        asked = (field for field in self.recording.fields if field.name != "person" or not begun)
        return [spoken(field, terms) for field in asked]


def _time(form: FormData, name: str) -> datetime | None:
    try:
        given = time_of(form, name)
    except Unanswerable:
        return None
    return None if given is None else datetime.fromisoformat(given).astimezone(UTC)


@router.get("/orders/{reference:path}/record/{command}")
def empty_form(
    reference: OrderNamed, command: Command, system: TheSystem, session: SignedIn
) -> Response:
    desk = _Desk(system, session, reference, command)
    return desk.form(FormData({"key": new_key(), **now_in("t", system.now())}))


@router.post("/orders/{reference:path}/record/{command}")
def sent_form(
    reference: OrderNamed, command: Command, system: TheSystem, session: SignedIn, form: OwnForm
) -> Response:
    """`go` says which button: another term, change, check, or record."""
    desk, go = _Desk(system, session, reference, command), str(form.get("go", "check"))
    if go.startswith("more-"):
        return desk.form(_with_room(form, go.removeprefix("more-")))
    if go in {"change", "when"}:
        return desk.form(form, errors=_when(form) if go == "when" else None)
    told = filled(desk.recording, form)
    if told.errors:
        return desk.form(form, errors=told.errors)
    return _stated(desk, form, told, record=go == "record")


def _stated(desk: _Desk, form: FormData, told: Filled, *, record: bool) -> Response:
    try:
        return _recorded(desk, form, told) if record else _checked(desk, form, told)
    except UnreadableFact as unread:
        return desk.form(form, errors=_placed(unread))
    except Refused as refused:
        return desk.form(form, refused=refused.refusal)
    except KeyUsedBefore:
        sent = _("This form was sent before with other answers. Open it anew to record more.")
        return desk.form(form, errors={"t": sent})


def _checked(desk: _Desk, form: FormData, told: Filled) -> Response:
    """Check your answers. What will be refused is refused here already, with its section."""
    entry = entry_of(
        *(desk.recording, desk.shown.reference, told), desk.session.person, key_of(form)
    )
    refusal = desk.system.entries.rehearse(entry)
    if refusal is not None and not issubclass(desk.recording.kind, KEPT_WHATEVER_THEY_ARE):
        return desk.form(form, refused=refusal)
    return desk.check(form, told, refusal)


def _recorded(desk: _Desk, form: FormData, told: Filled) -> Response:
    entry = entry_of(
        *(desk.recording, desk.shown.reference, told), desk.session.person, key_of(form)
    )
    entered = desk.system.entries.enter(entry)
    if not entered.event_ids and entered.refusal is not None:
        return desk.form(form, refused=entered.refusal)
    place = recorded_place(desk.shown.reference, entered.event_ids[0])
    return RedirectResponse(place, status_code=303)


def _with_room(form: FormData, name: str) -> FormData:
    """The same form with room for one more term."""
    room = {f"{name}-count": str(min(shown_terms(form, name) + 1, MOST_TERMS))}
    kept = [(each, value) for each, value in form.multi_items() if each not in room]
    return FormData([*kept, *room.items()])


def _when(form: FormData) -> dict[str, str]:
    try:
        given = time_of(form, "occurred_at")
    except Unanswerable as error:
        return {"occurred_at": str(error)}
    return {} if given is not None else {"occurred_at": _("Enter the day and the time")}


def _placed(unread: UnreadableFact) -> dict[str, str]:
    """The question that the fault is about; of the time it was known, the time it happened."""
    about, inside, question = unread.field.partition("data.")
    name = question_of(question.split(".")) if inside else about.split(".")[-1]
    if name == "recorded_at":
        name = "t"
    problems = {
        "is in the future": _("Enter a time that is not in the future"),
        "is after it was reported": _("Enter a time before it was reported"),
        "is after it was corrected": _("Enter a time before the mistake was found"),
    }
    time = name in {"t", "occurred_at", "served_at"}
    other = _("Check the time") if time else _("Write this in another way, or shorter")
    return {name: problems.get(unread.problem, other)}
