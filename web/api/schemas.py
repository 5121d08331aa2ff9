"""The bodies of commands in the OpenAPI document: the facts' own definitions, each named once."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from domain.desk.steps import STEPS
from domain.facts import Fact
from domain.vocabulary import FACT_TYPES
from web.fact_bodies import ABOUT

Schema = dict[str, Any]
_OPEN = {"/healthz", "/readyz", "/metrics"}
_SIGNED_IN = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A program's token of the provider, or a session's own",
    }
}
_REF = "#/components/schemas/{model}"


def body_schema(kind: type[BaseModel]) -> Schema:
    """The body of a command that takes a `kind`."""
    schema = {"$ref": _REF.format(model=kind.__name__)}
    required = any(field.is_required() for field in kind.model_fields.values())
    return {"content": {"application/json": {"schema": schema}}, "required": required}


def described(app: FastAPI) -> Schema:
    """The document of that application, with the definitions that its commands refer to."""
    document = _generated(app)
    components = document.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in _definitions().items():
        components.setdefault(name, schema)
    document["components"]["schemas"] = dict(sorted(components.items()))
    document["components"]["securitySchemes"] = _SIGNED_IN
    document["servers"] = [{"url": "/", "description": "Where the pages are"}]
    document["security"] = [{name: []} for name in _SIGNED_IN]
    for path in _OPEN & set(document["paths"]):
        document["paths"][path]["get"]["security"] = []
    return document


def _generated(app: FastAPI) -> Schema:
    return FastAPI.openapi(app)


def _definitions() -> Schema:
    kinds = [*FACT_TYPES.values(), *STEPS.values()]
    _, told = models_json_schema([(kind, "validation") for kind in kinds], ref_template=_REF)
    definitions: Schema = told["$defs"]
    for kind in FACT_TYPES.values():
        _beside(kind, definitions[kind.__name__])
    return definitions


def _beside(kind: type[Fact], schema: Schema) -> None:
    """What a body may say besides the fact's own values."""
    own = schema.setdefault("properties", {})
    schema["properties"] = {name: told for name, told in ABOUT.items() if name not in own} | own
