"""A claim matches as a whole: nothing tells which part of a wrong one was wrong, whatever the way is.

What is compared is all of an answer that does not name the one lookup: status, headers, members, values,
size, and how long it took.
"""

import json
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings.settings import Settings
from tests.api.conftest import BASE_URL, NGOC, TestClock
from tests.conftest import NOON
from tests.databases import copy_sqlite
from tests.simulators import running_simulator
from tests.timing import take_the_same_time

pytestmark = pytest.mark.anyio

# Deceased: what the register says of him may come with a claim that is right, and with no other.
HUONG: Final = {"full_name": "VŨ THỊ HƯỜNG", "id_number": "100150000012", "birth_date": "1950-01-01"}

WRONG: Final = {
    "name": {"full_name": "NGUYỄN THỊ MINH NGÀ"},
    "name of somebody else": {"full_name": "LƯƠNG VĂN CẢ"},
    "date": {"birth_date": "1990-07-31"},
    "number": {"id_number": "100190765432"},
    "number of somebody else": {"id_number": "100090000105"},
    "all": {"full_name": "KHÔNG CÓ NGƯỜI", "id_number": "100190765433", "birth_date": "1990-02-03"},
}
"""Claims of which nothing, one thing or nothing at all is right. All are as plausible as the right one."""

PROFILES: Final = {
    "mock": {},
    "ndxp-soap": {"npd_household_strategy": "records"},
    "lgsp-json": {},
}


@pytest.fixture(scope="module", params=PROFILES)
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Give the settings of a way to the register."""
    if request.param == "mock":
        yield {}
        return
    with running_simulator(request.param, tmp_path_factory.mktemp("simulator")) as simulator:
        yield {
            name.removeprefix("MOTCUA_").lower(): value for name, value in simulator.settings.items()
        } | PROFILES[request.param]


@pytest.fixture
async def served(
    way: dict[str, Any], sandbox_sqlite: Path, tmp_path: Path, key_file: Path
) -> AsyncIterator[FastAPI]:
    settings = Settings(
        database_url=copy_sqlite(sandbox_sqlite, tmp_path), key_file=key_file, budgets="off", **way
    )
    app = create_app(settings, clock=TestClock(NOON))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def receiver(served: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(served, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
        token = (await client.post("/auth/token", data=form)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def question(kind: str, claim: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Write the question of a kind with a claim."""
    why = {"procedure_code": "1.004194"}
    if kind == "id-card":
        return "/verify/id-card", why | claim
    if kind == "citizen-share":
        return "/citizens/share", why | claim
    members = [{"id_number": "100164000102"}, {"id_number": "100190765439"}]
    return "/verify/household-head", why | {"head": claim, "members": members}


KINDS: Final = pytest.mark.parametrize("kind", ["id-card", "household-head", "citizen-share"])


def what_it_tells(answer: httpx.Response) -> tuple[Any, ...]:
    """Give all of an answer but what names this one lookup, and the size of that."""
    body = answer.json()
    own = [
        body.pop("lookup_id"),
        body["source"].pop("upstream_request_id"),
        body["source"].pop("answered_at"),
        answer.headers["x-request-id"],
    ]
    audit = body.pop("audit")
    headers = [
        (name, value)
        for name, value in answer.headers.multi_items()
        if name not in {"x-request-id", "content-length"}
    ]
    # Places in the log grow; whoever counts them learns how much is looked up, not whom.
    digits = sum(len(str(audit[name])) for name in ("sequence", "tree_size"))
    size = len(answer.content) - digits
    return answer.status_code, headers, json.dumps(body), [len(text) for text in own], set(audit), size


@KINDS
async def test_no_wrong_claim_is_told_from_another(receiver: httpx.AsyncClient, kind: str) -> None:
    told = {}
    for part, changes in WRONG.items():
        path, body = question(kind, NGOC | changes)
        answer = await receiver.post(path, json=body)
        assert answer.status_code == 200, answer.text
        assert "not_found" in answer.text
        told[part] = what_it_tells(answer)
    assert [part for part in told if told[part] != told["all"]] == []


@KINDS
async def test_what_the_register_says_of_a_person_comes_with_the_right_claim_only(
    receiver: httpx.AsyncClient, kind: str
) -> None:
    path, right = question(kind, HUONG)
    assert "person-deceased" in (await receiver.post(path, json=right)).text or kind == "household-head"
    path, wrong = question(kind, HUONG | {"full_name": "VŨ THỊ HƯƠNG"})
    answer = await receiver.post(path, json=wrong)
    assert answer.json()["warnings"] == []
    assert "not_found" in answer.text


@KINDS
@pytest.mark.parametrize("part", ["name", "date", "number of somebody else"])
async def test_no_wrong_claim_takes_longer_than_another(
    receiver: httpx.AsyncClient, kind: str, part: str
) -> None:
    path, one = question(kind, NGOC | WRONG[part])
    _, other = question(kind, NGOC | WRONG["all"])
    assert await take_the_same_time(
        partial(receiver.post, path, json=one), partial(receiver.post, path, json=other)
    )
