"""Answers of a form that came too late: they stay with the browser until it is signed in again.

Nothing is done with them and nothing is stored: the page that says so holds them.
"""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from web.rendering import page
from web.sessions import Session

_NOT_SAID = {"csrf"}


async def kept(request: Request, session: Session | None, *, demo: bool) -> Response:
    """The answers as a form of their own: to be sent on once somebody is signed in, and seen first."""
    form = await request.form()
    answers = [
        (name, value)
        for name, value in form.multi_items()
        if name not in _NOT_SAID and not isinstance(value, UploadFile)
    ]
    told: dict[str, Any] = {"session": session, "demo": demo, "answers": answers}
    status = 401 if session is None else 403
    return page("kept.html", status=status, action=request.url.path, **told)
