"""Answers of a form that came too late: they stay with the browser until it is signed in again.

Nothing is done with them and nothing is stored: the page that says so holds them.
"""

import re
from collections.abc import Iterator
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from web.court.answers import answers
from web.court.commands import RECORDINGS
from web.court.desk import every_term, spoken
from web.court.forms import filled
from web.rendering import page
from web.sessions import Session
from web.step_forms import asked_as

_NOT_SAID = {"csrf"}
_NOT_SHOWN = {"seen", "back", "key", "go"}
_RECORDING = re.compile(r"/orders/.+/record/([a-z0-9-]{1,40})")


async def kept(request: Request, session: Session | None, *, demo: bool) -> Response:
    """The answers as a form of their own: to be sent on once somebody is signed in, and seen first."""
    form = await request.form()
    given = FormData(
        [
            (name, value)
            for name, value in form.multi_items()
            if name not in _NOT_SAID and not isinstance(value, UploadFile)
        ]
    )
    told: dict[str, Any] = {"session": session, "demo": demo, "answers": given.multi_items()}
    status = 401 if session is None else 403
    shown = list(_in_words(request.url.path, given))
    return page("kept.html", status=status, action=request.url.path, shown=shown, **told)


def _in_words(path: str, form: FormData) -> Iterator[tuple[str, str]]:
    """Each question with its answer as it was asked; what is asked nowhere by the name it is sent under."""
    of_an_order = _RECORDING.fullmatch(path)
    if of_an_order is not None and of_an_order[1] in RECORDINGS:
        recording = RECORDINGS[of_an_order[1]]
        told = filled(recording, form)
        fields = [spoken(field, every_term()) for field in recording.fields]
        yield from answers(recording, fields, told.t, told.answered)
        return
    for name, value in form.multi_items():
        if name in _NOT_SHOWN or not value:
            continue
        asked = asked_as(name)
        if asked is None:
            yield name.replace("_", " ").capitalize(), str(value)
        else:
            yield asked.label, dict(asked.choices).get(str(value), str(value))
