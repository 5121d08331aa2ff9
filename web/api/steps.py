"""The steps of the desk as commands of the API: once under one key, at one version where it is named."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import JSONResponse, Response

from domain.access import Action
from domain.commands import Answer
from domain.desk.events import Answered
from domain.desk.refusals import DESK_REFUSALS
from domain.desk.steps import STEPS, Step
from domain.plain_json import read_json
from domain.refusals import Refused
from domain.vocabulary import UnreadableFact
from web.api.schemas import body_schema
from web.consulting import readable_case
from web.preconditions import IfMatch, OnceOnly, changed, expected, first_or_again, key_used_before
from web.problems import PROBLEMS, problem, refusal, wrong_places
from web.requests import HoldingToken, TheSystem, json_body
from web.step_places import APlace
from web.stepping import Changed, IfUnchanged

router = APIRouter(prefix="/api/v1", tags=["desk"], responses=PROBLEMS)


class StepTaken(BaseModel):
    """What the command came to. `event_ids` is empty when it was so already."""

    version: int
    event_ids: list[UUID]


def _for(name: str, kind: type[Step]) -> None:
    """One route a step, with the step's own fields as its schema."""

    def command(
        alert: UUID,
        system: TheSystem,
        session: HoldingToken,
        raw: Annotated[bytes, Depends(json_body)],
        _place: APlace,
        idempotency_key: OnceOnly = None,
        if_match: IfMatch = None,
    ) -> Response:
        try:
            step = kind.model_validate_json(to_json(read_json(raw), inf_nan_mode="constants"))
        except ValidationError as error:
            return _unreadable(error, kind)
        except (UnreadableFact, PydanticSerializationError):
            return problem(422, "UNREADABLE", "This is not JSON that can be read.", errors=[])
        readable_case(system, session.person, alert, Action.WORK_ALERT)
        version = expected(if_match)
        try:
            answer = system.desk.answer(
                *(alert, session.person.hand, system.now()),
                step if version is None else IfUnchanged(step=step, version=version),
                command_id=idempotency_key,
            )
        except Changed as moved:
            return changed(moved.version)
        return _answer(alert, answer)

    router.post(
        f"/alerts/{{alert}}/{name}",
        name=name,
        summary=" ".join((kind.__doc__ or "").split()),
        response_model=StepTaken,
        openapi_extra={"requestBody": body_schema(kind)},
    )(command)


def _answer(alert: UUID, answer: Answer) -> Response:
    if answer.order_id != alert:
        return key_used_before()
    headers = first_or_again(answer.version, repeated=answer.repeated)
    if answer.refused_as is not None:
        return refusal(Refused(DESK_REFUSALS[answer.refused_as]), headers)
    done = StepTaken(version=answer.version, event_ids=list(answer.event_ids))
    return JSONResponse(done.model_dump(mode="json"), headers=headers)


def _unreadable(error: ValidationError, kind: type[Step]) -> Response:
    known = {*kind.model_fields, *Answered.model_fields}
    errors = wrong_places(error.errors(include_input=False, include_url=False), known)
    return problem(422, "UNREADABLE", "Some of what was sent cannot be read.", errors=errors)


for _name, _kind in STEPS.items():
    _for(_name, _kind)
