"""The cookie of the session: for this host alone, over TLS or loopback, out of reach of scripts and other sites."""

from starlette.responses import Response

from web.requests import COOKIE
from web.sessions import LONGEST, Session


def begun_session(answer: Response, session: Session) -> None:
    """Set it. Whatever the browser held before is no session of this one."""
    answer.set_cookie(
        COOKIE,
        session.token,
        max_age=int(LONGEST.total_seconds()),
        secure=True,
        httponly=True,
        samesite="strict",
    )


def ended_session(answer: Response) -> None:
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
