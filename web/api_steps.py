"""The steps of the desk as commands of the API: once under one key, at one version where it is named."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Header
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json
from starlette.responses import JSONResponse, Response

from domain.commands import Answer
from domain.desk.events import Answered as AnsweredQuestion
from domain.desk.refusals import DESK_REFUSALS
from domain.desk.steps import STEPS, Step
from domain.refusals import Refused
from web.api import etag
from web.consulting import readable_case
from web.problems import problem, refusal, wrong_places
from web.requests import HoldingToken, TheSystem
from web.stepping import Changed, IfUnchanged

router = APIRouter(prefix="/api/v1", tags=["desk"])
_VERSION = re.compile(r'"(\d{1,9})"')
_KEY = Header(min_length=1, max_length=100, pattern=r"^[!-~]+$")


class Answered(BaseModel):
    """What the command came to. `event_ids` is empty when it was so already."""

    version: int
    event_ids: list[UUID]


def _for(name: str, kind: type[Step]) -> None:
    """One route a step, with the step's own fields as its schema."""

    def command(
        alert: UUID,
        system: TheSystem,
        session: HoldingToken,
        body: Annotated[dict[str, Any], Body()] = {},  # noqa: B006 - FastAPI copies it
        idempotency_key: Annotated[str | None, _KEY] = None,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        try:
            step = kind.model_validate_json(to_json(body))
        except ValidationError as error:
            return _unreadable(error, kind)
        readable_case(system, session.person, alert)
        if if_match is not None:
            version = _VERSION.fullmatch(if_match)
            if version is None:
                return problem(422, "UNREADABLE", 'If-Match is a version in quotes, such as "3".')
            step = IfUnchanged(step=step, version=int(version.group(1)))
        try:
            answer = system.desk.answer(
                alert, session.person.hand, system.now(), step, command_id=idempotency_key
            )
        except Changed as changed:
            told = "The alert is at another version. Read it again, and decide again."
            return problem(412, "CHANGED", told, headers={"ETag": etag(changed.version)})
        return _answer(alert, answer)

    schema = kind.model_json_schema()
    router.post(
        f"/alerts/{{alert}}/{name}",
        name=name,
        summary=" ".join((kind.__doc__ or "").split()),
        response_model=Answered,
        openapi_extra={
            "requestBody": {"content": {"application/json": {"schema": schema}}, "required": False}
        },
    )(command)


def _answer(alert: UUID, answer: Answer) -> Response:
    if answer.order_id != alert:
        told = "This Idempotency-Key was used for another alert. Take a new one."
        return problem(422, "KEY_USED_BEFORE", told)
    headers = {"ETag": etag(answer.version)}
    if answer.repeated:
        headers["Idempotency-Replayed"] = "true"
    if answer.refused_as is not None:
        return refusal(Refused(DESK_REFUSALS[answer.refused_as]), headers)
    done = Answered(version=answer.version, event_ids=list(answer.event_ids))
    return JSONResponse(done.model_dump(mode="json"), headers=headers)


def _unreadable(error: ValidationError, kind: type[Step]) -> Response:
    known = {*kind.model_fields, *AnsweredQuestion.model_fields}
    errors = wrong_places(error.errors(include_input=False, include_context=False), known)
    return problem(422, "UNREADABLE", "Some of what was sent cannot be read.", errors=errors)


for _name, _kind in STEPS.items():
    _for(_name, _kind)
