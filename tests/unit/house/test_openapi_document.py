import json
import re
from typing import Any, Final

import jsonschema_rs
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic_core import PydanticUndefined
from starlette.responses import PlainTextResponse

from app.domain.caller import Scope
from app.intake.access import scopes_of
from app.intake.open_routes import ANY_TOKEN, PUBLIC, UnguardedRouteError, refuse_unguarded
from app.intake.route import ServiceRoute
from app.main import create_app
from app.settings.settings import Settings
from tests.unit.house.openapi_document import described, document_text, fields, terms
from tests.unit.house.source_files import ROOT

_ROW: Final = re.compile(r"^\|([^|]+)\|([^|]+)\|", re.MULTILINE)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return described()


def _routes() -> dict[str, APIRoute]:
    app = create_app(Settings.model_construct())
    originals = [context.original_route for context in iter_route_contexts(app.routes)]
    return {
        f"{method} {route.path}": route
        for route in originals
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }


def _glossary() -> set[str]:
    """Read the Vietnamese terms of the glossary; one row may hold several, separated by semicolons."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return {term.strip() for _, cell in _ROW.findall(text) for term in cell.split(";")}


def test_every_route_declares_its_scope_or_is_known_to_need_none() -> None:
    undeclared = [
        name for name, route in _routes().items() if not scopes_of(route) and name not in PUBLIC | ANY_TOKEN
    ]
    assert undeclared == []


def test_lists_of_routes_without_a_scope_name_only_routes_that_exist() -> None:
    assert sorted((PUBLIC | ANY_TOKEN).keys() - _routes().keys()) == []


def test_routes_for_any_token_do_ask_for_a_token() -> None:
    routes = _routes()
    assert [name for name in ANY_TOKEN if scopes_of(routes[name]) is None] == []


def test_scopes_that_routes_declare_exist() -> None:
    declared = {scope for route in _routes().values() for scope in scopes_of(route) or ()}
    assert declared <= set(Scope)


def test_every_route_with_a_body_or_a_caller_comes_in_by_the_strict_way() -> None:
    assert [name for name, route in _routes().items() if not isinstance(route, ServiceRoute)] == []


def test_every_field_and_parameter_has_its_vietnamese_term(document: dict[str, Any]) -> None:
    assert [place for place, field in fields(document) if not field.get("x-vi-term")] == []


def test_every_field_and_parameter_is_described(document: dict[str, Any]) -> None:
    assert [place for place, field in fields(document) if not field.get("description")] == []


def test_every_vietnamese_term_is_in_the_glossary(document: dict[str, Any]) -> None:
    assert sorted(set(terms(document)) - _glossary()) == []


def test_every_operation_has_a_summary_a_description_and_a_known_tag(document: dict[str, Any]) -> None:
    known = {tag["name"] for tag in document["tags"]}
    lacking = [
        f"{method} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if not (operation.get("summary") and operation.get("description"))
        or not set(operation.get("tags", ())) <= known
        or not operation.get("tags")
    ]
    assert lacking == []


def test_response_shapes_leave_nothing_out_by_default(document: dict[str, Any]) -> None:
    # A member that may be missing has no default that a caller could take for its value.
    from_answers = [
        f"{shape}.{name}"
        for shape, schema in document["components"]["schemas"].items()
        if shape.endswith("Read")
        for name, member in schema.get("properties", {}).items()
        if member.get("default", PydanticUndefined) is not PydanticUndefined
    ]
    assert from_answers == []


def test_the_committed_contract_is_the_one_that_the_service_keeps() -> None:
    committed = (ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert committed == document_text(), "the contract changed: make openapi"


def test_every_change_has_its_word_on_versions(document: dict[str, Any]) -> None:
    # These make a case, or ask without changing anything.
    others = {"/cases", "/cases/search", "/citizens/share", "/audit/access-report", "/auth/token"}
    silent = {
        path
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "get" and "412" not in operation["responses"] and not path.startswith("/verify/")
    }
    assert silent == others


def test_every_reference_leads_somewhere_in_the_document(document: dict[str, Any]) -> None:
    for reference in re.findall(r'"\$ref": "([^"]*)"', json.dumps(document)):
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_a_header_is_described_as_one_line(document: dict[str, Any]) -> None:
    headers = [
        parameter
        for path in document["paths"].values()
        for operation in path.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "header"
    ]
    names = {header["name"].lower() for header in headers}
    assert {"if-match", "if-none-match", "idempotency-key"} <= names
    assert not any('"array"' in json.dumps(header["schema"]) for header in headers)


def test_a_route_without_a_scope_and_without_a_reason_ends_the_start() -> None:
    app = create_app(Settings.model_construct())
    refuse_unguarded(app.routes)

    async def forgotten() -> None: ...

    app.add_api_route("/forgotten", forgotten)
    with pytest.raises(UnguardedRouteError, match="GET /forgotten"):
        refuse_unguarded(app.routes)


def test_a_route_behind_the_apps_back_is_none_with_a_reason() -> None:
    app = create_app(Settings.model_construct())
    app.add_route("/raw", lambda _: PlainTextResponse(""), methods=["POST"])
    with pytest.raises(UnguardedRouteError, match="POST /raw"):
        refuse_unguarded(app.routes)


def test_every_example_is_of_its_schema(document: dict[str, Any]) -> None:
    checked = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            bodies = (operation.get("requestBody", {}), *operation["responses"].values())
            for media in (media for body in bodies for media in body.get("content", {}).values()):
                schema = {**media.get("schema", {}), "components": document["components"]}
                examples = [example["value"] for example in media.get("examples", {}).values()]
                for example in (*examples, *([media["example"]] if "example" in media else [])):
                    faults = [
                        (error.message, list(error.instance_path))
                        for error in jsonschema_rs.validator_for(schema).iter_errors(example)
                    ]
                    assert not faults, f"{method} {path}"
                    checked += 1
    assert checked > 400
