import json
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Security

from app.deps import current_caller
from app.domain.caller import Caller, Scope
from app.intake.route import ServiceRoute
from app.openapi import TAGS, install_openapi, openapi_schema
from app.openapi_examples import example_of
from app.problems.catalogue import BY_CODE
from app.schemas.base import ResponseSchema
from app.schemas.terms import term
from app.schemas.texts import Note
from tests.unit.intake.small_app import make_app


class Paper(ResponseSchema):
    name: Annotated[str, term("Name of the paper.", "tên giấy tờ", examples=["Tờ khai"])]
    note: Note | None


def _schema() -> dict[str, Any]:
    papers = APIRouter(route_class=ServiceRoute, tags=["cases"])

    @papers.get("/tagged/{number}")
    async def read_paper(
        number: int, caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])]
    ) -> Paper:
        raise NotImplementedError

    @papers.get("/anyone")
    async def read_own(caller: Annotated[Caller, Security(current_caller)]) -> Paper:
        raise NotImplementedError

    return openapi_schema(make_app(papers))


SCHEMA = _schema()


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in SCHEMA["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def _codes(name: str) -> set[str]:
    operation = dict(_operations())[name]
    return {
        code
        for response in operation["responses"].values()
        for code in response["content"].get("application/problem+json", {}).get("examples", ())
    }


def test_the_document_is_the_same_each_time() -> None:
    assert json.dumps(_schema()) == json.dumps(SCHEMA)


def test_the_frameworks_own_error_is_gone() -> None:
    assert "HTTPValidationError" not in json.dumps(SCHEMA)
    assert {"Problem", "ValidationProblem", "FieldFault"} <= set(SCHEMA["components"]["schemas"])


@pytest.mark.parametrize(("name", "operation"), list(_operations()))
def test_every_operation_has_examples_and_every_problem_its_own(name: str, operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        assert response["headers"]["X-Request-Id"], name
        for media_type, media in response["content"].items():
            assert "example" in media or media["examples"], (name, status)
            if media_type == "application/problem+json":
                for code, example in media["examples"].items():
                    assert BY_CODE[code].status == int(status) == example["value"]["status"]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        assert "example" in media, name


def test_an_operation_documents_what_the_edge_answers_for_it() -> None:
    anyone = {"validation-failed", "internal-error"}
    body = {"malformed-request", "request-too-large", "request-timeout", "unsupported-media-type"}
    known = {"unauthenticated", "service-unavailable"}
    assert _codes("get /public") == anyone
    assert _codes("post /public") == anyone | body
    assert _codes("patch /papers/{number}") == anyone | body | {"not-found"}
    assert _codes("get /tagged/{number}") == anyone | known | {"insufficient-scope", "not-found"}
    assert _codes("get /anyone") == anyone | known


def test_a_token_may_come_from_any_way_to_one() -> None:
    operations = dict(_operations())
    assert operations["get /tagged/{number}"]["security"] == [{"oauth2": ["cases:read"]}, {"bearer": []}]
    assert "security" not in operations["get /public"]
    assert set(SCHEMA["components"]["securitySchemes"]) == {"oauth2", "bearer"}


def test_a_merge_patch_is_documented_in_both_types() -> None:
    content = dict(_operations())["patch /papers/{number}"]["requestBody"]["content"]
    assert list(content) == ["application/merge-patch+json", "application/json"]


def test_operations_are_called_as_their_functions() -> None:
    assert dict(_operations())["get /tagged/{number}"]["operationId"] == "read_paper"


def test_only_tags_in_use_are_described_each_in_vietnamese_too() -> None:
    assert SCHEMA["tags"] == [{"name": "cases", "description": TAGS["cases"]}]
    assert all("(vi: " in text for text in TAGS.values())


def test_a_field_that_may_be_null_has_its_term_too() -> None:
    note = SCHEMA["components"]["schemas"]["Paper"]["properties"]["note"]
    assert note["x-vi-term"] == "ghi chú"
    assert note["description"].endswith("(vi: ghi chú)")


def test_every_field_of_a_problem_has_its_term() -> None:
    for name in ("Problem", "ValidationProblem", "FieldFault"):
        for member in SCHEMA["components"]["schemas"][name]["properties"].values():
            assert member["x-vi-term"]


def test_an_app_describes_itself_once() -> None:
    app = make_app()
    install_openapi(app)
    assert app.openapi() is app.openapi()


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string", "examples": ["a", "b"]}, "a"),
        ({"example": 7}, 7),
        ({"const": "x"}, "x"),
        ({"enum": ["x", "y"]}, "x"),
        ({"$ref": "#/components/schemas/Named"}, {"at": "2026-11-23T08:00:00+07:00"}),
        ({"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 3}]}, 3),
        ({"anyOf": [{"type": "null"}]}, None),
        ({"type": "string", "anyOf": [{"format": "date"}]}, "..."),
        ({"type": "array", "items": {"type": "integer"}}, [1]),
        ({"type": "object"}, {}),
        ({"type": "number"}, 1.0),
        ({"type": "boolean"}, False),
        ({}, None),
    ],
)
def test_examples_are_built_from_the_parts(schema: dict[str, Any], example: Any) -> None:
    shapes = {"Named": {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}}}
    assert example_of(schema, shapes) == example


def test_a_shape_that_holds_itself_has_an_example_with_an_end() -> None:
    shapes = {"Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}}
    assert "None" in str(example_of({"$ref": "#/components/schemas/Node"}, shapes))
