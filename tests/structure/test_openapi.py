"""The committed OpenAPI document is one, and each command refers to its own fact or step."""

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.structure.checkout import page
from web.api.schemas import _definitions


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(page("docs/reference/openapi.json"))
    return read


def test_it_is_as_its_specification_has_it(document: dict[str, Any]) -> None:
    assert not list(OpenAPIV31SpecValidator(document).iter_errors())


def test_what_is_wrong_with_it_is_seen(document: dict[str, Any]) -> None:
    wrong = document | {"paths": {"/nothing": {"get": {"responses": {"200": {}}}}}}
    assert list(OpenAPIV31SpecValidator(wrong).iter_errors())


def test_no_answer_bears_the_name_of_what_a_command_takes(document: dict[str, Any]) -> None:
    named = document["components"]["schemas"]
    assert not [name for name, own in _definitions().items() if named[name] != own]


def test_every_operation_says_who_may_ask(document: dict[str, Any]) -> None:
    assert document["security"] == [{"token": []}]
    for_all = {
        path
        for path, told in document["paths"].items()
        if told.get("get", {}).get("security") == []
    }
    assert for_all == {"/healthz", "/metrics", "/readyz"}
