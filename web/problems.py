"""Refusals and faults as answers: RFC 9457, with code, section and sentence, never with what was sent."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from domain.consultations import STATED
from domain.desk.refusals import DESK_REFUSALS
from domain.refusals import Refused
from web.language import ENGLISH, _, language
from web.rendering import page

_TYPE = "urn:spowatch:problem:"
_PROBLEM: dict[str, Any] = {
    "description": "Not done, and why (RFC 9457)",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "code", "detail"],
                "properties": {
                    **{name: {"type": "string"} for name in ("type", "title", "code", "detail")},
                    "status": {"type": "integer"},
                    "section": {"type": "string", "description": "Of the Act, where there is one"},
                    "errors": {"type": "array", "items": {"type": "object"}},
                },
            }
        }
    },
}
PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, "503": _PROBLEM}
"""What every command and read of the API may answer besides what it was asked for."""
_NOT_FOUND = {"NO_SUCH_ALERT", "UNKNOWN_ORDER"}
_NOT_ALLOWED = {"OF_ANOTHER_FORCE", "NOT_ON_DUTY", "NOT_OFFERED_TO_THIS_FORCE"}


class Problem(JSONResponse):
    """`detail`: the sentence in it that people read."""

    media_type = "application/problem+json"
    detail = ""


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    section: str | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    **kept: Any,
) -> Problem:
    """`errors`: the places that are wrong, as JSON pointers with what to do. `kept`: what is on record.

    The detail is in English unless the headers say otherwise.
    """
    body: dict[str, Any] = kept | {
        "type": _TYPE + code.lower().replace("_", "-"),
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if section is not None:
        body["section"] = section
    if errors is not None:
        body["errors"] = errors
    answer = Problem(
        body, status_code=status, headers={"Content-Language": ENGLISH, **(headers or {})}
    )
    answer.detail = detail
    return answer


def spoken_problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> Problem:
    """With the detail in the language that is spoken."""
    told = {"Content-Language": language(), **(headers or {})}
    return problem(status, code, detail, headers=told)


def shown(answer: Problem, scope: Scope, *, demo: bool) -> Response:
    """The problem; as a page where somebody looks at it with a browser, which nobody does with the API."""
    if not read_by_people(scope):
        return answer
    told = {"status_code": answer.status_code, "detail": answer.detail, "here": "/board"}
    return headed_as(answer, page("problem.html", status=answer.status_code, demo=demo, **told))


def read_by_people(scope: Scope) -> bool:
    asked = Headers(scope=scope).get("accept", "")
    return "text/html" in asked and not scope["path"].startswith("/api/")


def headed_as(answer: Problem, seen: Response) -> Response:
    """The page, with what the problem says to the browser itself."""
    said = ("retry-after", "connection")
    seen.headers.update({name: answer.headers[name] for name in said if name in answer.headers})
    return seen


def purpose_needed() -> Problem:
    told = f"Say why you read it in the header X-Purpose: {', '.join(STATED)}."
    return problem(428, "PURPOSE_NEEDED", told, section="DPA 2018 s.62(2)")


def status_of(refused: Refused) -> int:
    code = refused.refusal.code
    if code in _NOT_FOUND:
        return 404
    return 403 if code in _NOT_ALLOWED else 409


def refusal(
    refused: Refused,
    headers: Mapping[str, str] | None = None,
    *,
    kept: Mapping[str, Any] | None = None,
    besides: str = "",
) -> Problem:
    """`kept`: the place of what was refused, where it is kept as information.

    `besides`: what else is to be known, in the language that is spoken.
    """
    told = refused.refusal
    section = None if told.code in DESK_REFUSALS else told.section
    said = [_(told.sentence), _("It is kept on record as information.") if kept else "", besides]
    return problem(
        *(status_of(refused), told.code, " ".join(each for each in said if each)),
        section=section,
        headers={"Content-Language": language(), **(headers or {})},
        **(kept or {}),
    )


NEEDED = "This is needed."
_WORDED = {
    "missing": NEEDED,
    "extra_forbidden": "There is no such field here.",
    "string_too_long": "This is too long.",
    "string_too_short": "This is too short.",
    "string_pattern_mismatch": "This is not in the form that is asked for.",
    "enum": "This is not one of the values there are.",
    "literal_error": "This is not one of the values there are.",
    "json_invalid": "This is not JSON.",
    "timezone_aware": "Write the time with its offset, such as 2026-03-01T09:00:00+00:00.",
    "date_from_datetime_parsing": "Write a day, such as 2026-03-01.",
    "date_type": "Write a day, such as 2026-03-01.",
    "bool_type": "Write true or false.",
    "string_type": "Write this as text.",
    "int_type": "Write this as a whole number.",
    "float_type": "Write this as a number.",
    "tuple_type": "Write this as a list.",
    "value_error": "There is no such value; see the reference of facts and conditions.",
}


def wrong_places(
    problems: Iterable[Mapping[str, Any]], known: Container[object]
) -> list[dict[str, str]]:
    """Where it is wrong and what to do; neither values nor names that are not ours are said back."""
    return [
        {
            "pointer": "/" + "/".join(str(at) if _ours(at, known) else "?" for at in each["loc"]),
            "detail": _told(each),
        }
        for each in problems
    ]


def _told(problem: Mapping[str, Any]) -> str:
    """What to do; a closed list is named, for it is ours."""
    choices = problem.get("ctx", {}).get("expected")
    if problem["type"] in {"literal_error", "enum"} and choices:
        return f"Write one of {choices}."
    return _WORDED.get(problem["type"], "This cannot be read as what is asked for.")


def _ours(at: object, known: Container[object]) -> bool:
    return isinstance(at, int) or at in known


class BodyNotTaken(Exception):
    """A body went on past a limit; carries the answer."""

    def __init__(self, answer: Problem) -> None:
        super().__init__(str(answer.status_code))
        self.answer = answer


def too_large(most: int) -> Problem:
    """`most`: bytes."""
    told = _("At most %(number)s bytes are taken. Put long accounts in the case file.", number=most)
    return spoken_problem(413, "TOO_LARGE", told, {"Connection": "close"})


def too_slow(within: float) -> Problem:
    """`within`: seconds."""
    told = _(
        "A request is waited for %(number)s s. Send it again; nothing was done.",
        number=round(within),
    )
    return spoken_problem(408, "TOO_SLOW", told, {"Connection": "close"})
