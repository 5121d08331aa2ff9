"""Answers of a form that was not taken, over the session or a crowd: they stay with the browser until they are.

Nothing is done with them and nothing is stored: the page that says so holds them.
"""

import re
from collections.abc import Iterator

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response
from starlette.types import Scope

from web.court.answers import answers
from web.court.commands import RECORDINGS
from web.court.desk import every_term, spoken
from web.court.forms import filled
from web.rendering import page
from web.step_forms import asked_as

_NOT_SAID = {"csrf"}
_NOT_SHOWN = {"seen", "back", "key", "go"}
_RECORDING = re.compile(r"/orders/.+/record/([a-z0-9-]{1,40})")


def kept(scope: Scope, status: int, why: str) -> Response:
    """The answers as a form of their own, to be seen and sent on; `why` says what it waits for.

    The state of the request has the form, and the session where somebody is signed in.
    """
    state, path = scope["state"], scope["path"]
    given = FormData(
        [
            (name, value)
            for name, value in state["form"].multi_items()
            if name not in _NOT_SAID and not isinstance(value, UploadFile)
        ]
    )
    return page(
        "kept.html",
        status=status,
        session=state.get("session"),
        demo=scope["app"].state.system.demo,
        why=why,
        action=path,
        answers=given.multi_items(),
        shown=list(_in_words(path, given)),
    )


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
