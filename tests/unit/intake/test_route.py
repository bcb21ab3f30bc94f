import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, Security
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.domain.caller import Caller, Scope
from app.intake.access import scopes_of
from app.intake.route import ServiceRoute
from tests.unit.intake.small_app import TOKEN, current_caller, make_app, open_client, router

pytestmark = pytest.mark.anyio

PAPERS = {"applicant": {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001"}}
JSON = {"Content-Type": "application/json"}
CHALLENGE = 'Bearer realm="motcua"'


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(make_app()) as client:
        yield client


def _faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


async def test_the_caller_is_known_to_the_route(client: httpx.AsyncClient) -> None:
    answer = await client.get("/secured", headers=TOKEN)
    assert answer.json() == {"username": "receiver"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"{}"])
async def test_nothing_of_the_body_is_looked_at_before_the_caller_is_known(
    client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await client.post("/secured", content=body, headers=JSON)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, CHALLENGE)
    answer = await client.post(
        "/secured?unknown=1", content=body, headers=JSON | {"Authorization": "Bearer x"}
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == f'{CHALLENGE}, error="invalid_token"'


@pytest.mark.parametrize("sent", ["", "Bearer", "bearer ", "Basic YTpi", "Digest Bearer", "Bearer=x"])
async def test_who_sends_no_bearer_token_is_told_of_no_error(client: httpx.AsyncClient, sent: str) -> None:
    answer = await client.get("/secured", headers={"Authorization": sent})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, CHALLENGE)


@pytest.mark.parametrize("sent", ["Bearer x", "bearer x y", "BEARER   \xff", "Bearer ,"])
async def test_who_sends_a_token_that_is_none_is_told_so(client: httpx.AsyncClient, sent: str) -> None:
    headers = [(b"Authorization", b"Basic YTpi"), (b"Authorization", sent.encode("latin-1"))]
    for lines in (headers, headers[1:]):
        answer = await client.get("/secured", headers=lines)
        assert answer.headers["WWW-Authenticate"] == f'{CHALLENGE}, error="invalid_token"'


async def test_an_answer_without_content_has_no_type_of_it() -> None:
    empty = APIRouter(route_class=ServiceRoute)

    @empty.delete("/empty", status_code=204)
    async def remove() -> None: ...

    app = make_app()
    app.include_router(empty)
    async with open_client(app) as client:
        answer = await client.delete("/empty")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert "Content-Length" not in answer.headers


async def test_a_missing_scope_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.get("/admins", headers=TOKEN)
    assert answer.status_code == 403
    assert answer.json()["code"] == "insufficient-scope"
    assert answer.headers["WWW-Authenticate"] == f'{CHALLENGE}, error="insufficient_scope", scope="admin"'


def test_a_route_tells_its_scopes_and_whether_it_is_public() -> None:
    routes = {
        (path, method): scopes_of(route)
        for route in router.routes
        if isinstance(route, APIRoute)
        for path, method in [(route.path, min(route.methods or ()))]
    }
    assert routes["/public", "GET"] is None
    assert routes["/secured", "POST"] == frozenset({"cases:read"})
    assert routes["/admins", "GET"] == frozenset({"admin"})


async def test_a_scope_that_the_route_cannot_see_lets_nobody_in() -> None:
    hidden = APIRouter(route_class=ServiceRoute)

    @hidden.get("/hidden")
    async def read(caller: Annotated[Caller, Security(current_caller)]) -> dict[str, Any]:
        return {"username": caller.username}

    app = make_app()
    app.include_router(hidden, dependencies=[Security(current_caller, scopes=[Scope.ADMIN])])
    async with open_client(app) as client:
        answer = await client.get("/hidden", headers=TOKEN)
    assert answer.status_code == 500


async def test_a_caller_on_a_route_without_intake_lets_nobody_in() -> None:
    app = make_app()

    @app.get("/plain")
    async def read(caller: Annotated[Caller, Security(current_caller)]) -> dict[str, Any]:
        return {"username": caller.username}

    async with open_client(app) as client:
        answer = await client.get("/plain", headers=TOKEN)
    assert answer.status_code == 500


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("nope=1", [("", "unknown-member")]),
        ("limit=1&limit=1", [("limit", "repeated")]),
        ("nope=1&nope=2&limit=1&limit=2", [("", "unknown-member"), ("limit", "repeated")]),
        ("name=%00", [("name", "control-character")]),
        ("name=a%0Ab", [("name", "control-character")]),
        ("limit=0", [("limit", "out-of-range")]),
        ("limit=201", [("limit", "out-of-range")]),
        ("limit=" + "9" * 5000, [("limit", "out-of-range")]),
        ("limit=1e1", [("limit", "wrong-type")]),
        ("limit=", [("limit", "wrong-type")]),
        ("limit=%EF%BC%95", [("limit", "wrong-type")]),
        ("Limit=1", [("", "unknown-member")]),
    ],
)
async def test_a_query_that_is_not_the_contracts_is_refused(
    client: httpx.AsyncClient, query: str, faults: list[tuple[str, str]]
) -> None:
    answer = await client.get(f"/public?{query}")
    assert _faults(answer) == faults
    assert "nope" not in answer.text


async def test_a_query_of_the_contract_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.get("/public?limit=7&name=Ng%E1%BB%8Dc")
    assert answer.json() == {"limit": 7, "name": "Ngọc"}


async def test_parameters_of_dependencies_and_models_are_known() -> None:
    class Filters(BaseModel):
        status: str = ""

    async def page(cursor: str = "") -> str:
        return cursor

    listing = APIRouter(route_class=ServiceRoute)

    @listing.get("/list")
    async def read(filters: Annotated[Filters, Query()], cursor: Annotated[str, Depends(page)]) -> list[str]:
        return [filters.status, cursor]

    async with open_client(make_app(listing)) as client:
        assert (await client.get("/list?status=a&cursor=b")).json() == ["a", "b"]
        assert (await client.get("/list?page=a")).status_code == 422


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/xml",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json; version=1",
        "application/vnd.api+json",
        "application/merge-patch+json",
        "application/x-www-form-urlencoded",
        "json",
    ],
)
async def test_a_body_of_another_type_is_refused(client: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = await client.post("/public", content=json.dumps(PAPERS), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", 'application/json;charset="UTF-8"', "application/json;"],
)
async def test_json_may_say_that_it_is_utf_8(client: httpx.AsyncClient, content_type: str) -> None:
    answer = await client.post("/public", content=json.dumps(PAPERS), headers={"Content-Type": content_type})
    assert answer.status_code == 200


async def test_a_compressed_body_or_two_types_are_refused(client: httpx.AsyncClient) -> None:
    body = json.dumps(PAPERS)
    answer = await client.post("/public", content=body, headers=JSON | {"Content-Encoding": "gzip"})
    assert answer.status_code == 415
    twice = [("Content-Type", "application/json"), ("Content-Type", "application/json")]
    assert (await client.post("/public", content=body, headers=twice)).status_code == 415


@pytest.mark.parametrize("content_type", ["application/merge-patch+json", "application/json"])
async def test_a_merge_patch_may_also_come_as_plain_json(
    client: httpx.AsyncClient, content_type: str
) -> None:
    answer = await client.patch(
        "/papers/1", content=json.dumps(PAPERS), headers={"Content-Type": content_type}
    )
    assert answer.json() == {"number": 1, "copies": 1}


async def test_a_form_is_read_where_one_is_asked_for(client: httpx.AsyncClient) -> None:
    assert (await client.post("/token", data={"grant_type": "password"})).json() == {"grant_type": "password"}
    assert (await client.post("/token", json={"grant_type": "password"})).status_code == 415
    files = {"grant_type": (None, b"password")}
    assert (await client.post("/token", files=files)).status_code == 415


async def test_a_missing_body_is_required(client: httpx.AsyncClient) -> None:
    assert _faults(await client.post("/public")) == [("", "required")]


async def test_a_body_sent_to_a_get_is_ignored(client: httpx.AsyncClient) -> None:
    answer = await client.request("GET", "/public", content=b"\xff{")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "detail"),
    [(b"{", "The body is not JSON."), (b'{"a":1,"a":2}', "A JSON object has a key twice.")],
)
async def test_json_is_read_strictly(client: httpx.AsyncClient, body: bytes, detail: str) -> None:
    answer = await client.post("/public", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-request")
    assert answer.json()["detail"] == detail


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (None, [("", "wrong-type")]),
        ([], [("", "wrong-type")]),
        ({}, [("/applicant", "required")]),
        ({"applicant": {}}, [("/applicant/full_name", "required"), ("/applicant/id_number", "required")]),
        (PAPERS | {"nope": 1, "neither": 2}, [("", "unknown-member")]),
        ({"applicant": PAPERS["applicant"] | {"nope": 1}}, [("/applicant", "unknown-member")]),
        (PAPERS | {"copies": "1"}, [("/copies", "wrong-type")]),
        (PAPERS | {"copies": True}, [("/copies", "wrong-type")]),
        (PAPERS | {"copies": 1.0}, [("/copies", "wrong-type")]),
        (PAPERS | {"note": 1}, [("/note", "wrong-type")]),
        (
            {"applicant": {"full_name": "A", "id_number": "1"}},
            [("/applicant/id_number", "invalid-id-number")],
        ),
    ],
)
async def test_a_body_of_another_shape_is_refused_by_place_and_kind(
    client: httpx.AsyncClient, body: Any, faults: list[tuple[str, str]]
) -> None:
    answer = await client.post("/public", content=json.dumps(body), headers=JSON)
    assert _faults(answer) == faults
    assert "nope" not in answer.text


async def test_a_path_that_names_nothing_is_not_found(client: httpx.AsyncClient) -> None:
    for path in ("/papers/x", "/papers/1%00", "/papers/%EF%BC%91x", "/%00"):
        answer = await client.patch(path, json=PAPERS)
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_a_method_that_a_resource_lacks_names_those_that_it_has(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/public")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"


async def test_an_app_made_for_one_route_works_under_a_prefix() -> None:
    app = FastAPI()
    app.state.authenticate = make_app().state.authenticate
    app.include_router(router, prefix="/v1")
    async with open_client(app) as client:
        assert (await client.get("/v1/secured", headers=TOKEN)).json() == {"username": "receiver"}
