"""Each fault of the control, seen by hand and by the service's own client; and the control itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.adapters.population.factory import open_population_database
from app.adapters.population.port import PopulationDatabase
from app.alerts import Alerts
from app.errors import PopulationDatabaseError
from app.services.metrics import Metrics
from app.settings.settings import Settings
from app.simulator.faults import Fault
from tests.claims import CONTEXT, make_claim
from tests.simulator.asking import bearer, elements, envelope, grant, post, signed
from tests.simulators import RunningSimulator

pytestmark = pytest.mark.anyio

QUICK = {"npd_timeout_seconds": 1.5, "npd_read_timeout_seconds": 1, "npd_circuit_failures": 1000}

BY_CLIENT = {
    Fault.STATUS_500: "population-database-error",
    Fault.STATUS_503: "population-database-unavailable",
    Fault.STATUS_429: "population-database-unavailable",
    Fault.UNAUTHORIZED: "population-database-error",
    Fault.HTML: "population-database-error",
    Fault.GARBAGE: "population-database-error",
    Fault.TRUNCATED: "population-database-error",
    Fault.HUGE: "population-database-error",
    Fault.ENTITY_BOMB: "population-database-error",
    Fault.DOCTYPE: "population-database-error",
    Fault.RESET: "population-database-error",
    Fault.SILENT: "population-database-timeout",
    Fault.HANG: "population-database-timeout",
    Fault.DRIP: "population-database-timeout",
    Fault.ANOTHER_PERSON: "population-database-mismatch",
    Fault.ERROR: "population-database-error",
    Fault.PROCEDURE_REFUSED: "population-database-refused",
    Fault.OFFICER_REFUSED: "population-database-refused",
}


@asynccontextmanager
async def client_of(simulator: RunningSimulator, **settings: Any) -> AsyncIterator[PopulationDatabase]:
    chosen = Settings.model_validate(simulator.settings | QUICK | settings)
    async with open_population_database(chosen, Metrics(), Alerts()) as population:
        yield population


async def came_of(population: PopulationDatabase) -> str:
    try:
        return "found" if await population.find_citizen(make_claim(), CONTEXT) else "nobody"
    except PopulationDatabaseError as failure:
        return failure.code


def test_every_fault_is_known_here() -> None:
    assert set(BY_CLIENT) == set(Fault)


@pytest.mark.parametrize("fault", BY_CLIENT)
@pytest.mark.parametrize("profile", ["ndxp", "lgsp_json"])
async def test_the_client_takes_each_fault_for_what_it_is_and_goes_on(
    request: pytest.FixtureRequest, profile: str, fault: Fault
) -> None:
    simulator: RunningSimulator = request.getfixturevalue(profile)
    async with client_of(simulator) as population:
        # A fresh token is tried once, so that the second refusal is the one that counts.
        simulator.fail(*[fault] * (2 if fault is Fault.UNAUTHORIZED else 1))
        assert await came_of(population) == BY_CLIENT[fault]
        simulator.fail()
        assert await came_of_new(population) == "found"


@pytest.mark.parametrize("profile", ["ndxp", "lgsp_json"])
async def test_a_question_turned_away_once_comes_again_under_its_id(
    request: pytest.FixtureRequest, profile: str
) -> None:
    simulator: RunningSimulator = request.getfixturevalue(profile)
    async with client_of(simulator) as population:
        simulator.fail(Fault.UNAUTHORIZED)
        first = await came_of(population)
        assert first == ("found" if profile == "lgsp_json" else "population-database-error")
        assert await came_of(population) == ("population-database-error" if first == "found" else "found")


STATUSES = {
    Fault.STATUS_500: 500,
    Fault.STATUS_503: 503,
    Fault.STATUS_429: 429,
    Fault.UNAUTHORIZED: 401,
    Fault.HTML: 200,
    Fault.GARBAGE: 200,
    Fault.ENTITY_BOMB: 200,
    Fault.DOCTYPE: 200,
    Fault.ERROR: 500,
    Fault.PROCEDURE_REFUSED: 500,
    Fault.OFFICER_REFUSED: 500,
    Fault.ANOTHER_PERSON: 200,
}


def test_faults_that_are_replies_have_their_status(ndxp: RunningSimulator) -> None:
    ndxp.fail(*STATUSES, retry_after_seconds=7)
    answers = [post(ndxp, envelope(elements())) for _ in STATUSES]
    assert [answer.status_code for answer in answers] == list(STATUSES.values())
    assert [answer.headers.get("retry-after") for answer in answers[:4]] == [None, "7", "7", None]
    assert b"100088000002" in answers[-1].content
    assert [entry["fault"] for entry in ndxp.received()] == list(STATUSES)


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.RESET])
def test_faults_that_break_the_connection_do(ndxp: RunningSimulator, fault: Fault) -> None:
    ndxp.fail(fault)
    with pytest.raises(httpx.TransportError):
        post(ndxp, envelope(elements()))


def read_for_a_second(simulator: RunningSimulator) -> None:
    """Ask, and read the answer for a second; a drip keeps each single wait short."""
    until = time.monotonic() + 1
    with httpx.stream(
        "POST",
        simulator.settings["npd_url"],
        content=envelope(elements()),
        headers=signed(simulator),
        timeout=0.5,
        trust_env=False,
    ) as answer:
        for _ in answer.iter_raw():
            if time.monotonic() > until:
                raise TimeoutError


@pytest.mark.parametrize(
    ("fault", "seen"),
    [(Fault.SILENT, httpx.ReadTimeout), (Fault.HANG, httpx.ReadTimeout), (Fault.DRIP, TimeoutError)],
)
def test_faults_that_never_end_do_not(ndxp: RunningSimulator, fault: Fault, seen: type[Exception]) -> None:
    ndxp.fail(fault)
    with pytest.raises(seen):
        read_for_a_second(ndxp)


def test_fifty_megabytes_are_fifty_megabytes(ndxp: RunningSimulator) -> None:
    ndxp.fail(Fault.HUGE)
    assert len(post(ndxp, envelope(elements()), timeout=30).content) == 50 * 1024 * 1024


def test_by_chance_as_many_fail_as_asked_and_the_same_with_the_same_seed(ndxp: RunningSimulator) -> None:
    def statuses() -> list[int]:
        ndxp.fail(probability=0.5, kinds=["status-500", "status-429"], seed=3)
        return [post(ndxp, envelope(elements())).status_code for _ in range(40)]

    first = statuses()
    assert 10 < first.count(200) < 30
    assert statuses() == first


def test_an_answer_can_be_delayed(ndxp: RunningSimulator) -> None:
    ndxp.behave(delay={"seconds": 0.3})
    began = time.monotonic()
    assert post(ndxp, envelope(elements())).status_code == 200
    assert time.monotonic() - began >= 0.3


async def test_a_token_that_ends_midway_is_renewed_once_and_nobody_notices(
    lgsp_json: RunningSimulator,
) -> None:
    async with client_of(lgsp_json) as population:
        assert await came_of_new(population) == "found"
        lgsp_json.expire_tokens()
        assert await came_of_new(population) == "found"
    told = [(entry["operation"], entry["status"]) for entry in lgsp_json.received()]
    assert told == [
        ("token", 200),
        ("share", 200),
        # Turned away before its body was read.
        (None, 401),
        ("token", 200),
        ("share", 200),
    ]


async def came_of_new(population: PopulationDatabase) -> str:
    """Ask under an id of its own."""
    context = replace(CONTEXT, request_id=str(uuid4()))
    return "found" if await population.find_citizen(make_claim(), context) else "nobody"


async def test_a_token_is_renewed_before_it_ends(lgsp_json: RunningSimulator) -> None:
    lgsp_json.behave(token_seconds_told=1)
    async with client_of(lgsp_json) as population:
        assert await came_of_new(population) == "found"
        await asyncio.sleep(1)
        assert await came_of_new(population) == "found"
    assert [entry["operation"] for entry in lgsp_json.received()] == ["token", "share"] * 2


async def test_a_token_endpoint_that_fails_is_a_failure_of_the_register(lgsp_json: RunningSimulator) -> None:
    lgsp_json.fail_tokens("status-500")
    async with client_of(lgsp_json) as population:
        assert await came_of(population) == "population-database-error"
        assert await came_of(population) == "found"


def test_a_token_is_refused_to_a_stranger(lgsp_json: RunningSimulator) -> None:
    assert grant(lgsp_json, auth=("stranger", "secret")).status_code == 401
    headers = bearer(lgsp_json) | {"Authorization": "Bearer nothing"}
    assert post(lgsp_json, b"{}", headers, path="/tra-cuu-cong-dan").status_code == 401


BAD_CONTROLS = [
    ("PUT", "faults", {"next": ["fire"]}, 400),
    ("PUT", "faults", {"probability": 2}, 400),
    ("PUT", "faults", {"kinds": "reset"}, 400),
    ("PUT", "faults", {"later": []}, 400),
    ("PUT", "token-faults", {"retry_after_seconds": -1}, 400),
    ("PATCH", "behaviour", {"shape": "C"}, 400),
    ("PATCH", "behaviour", {"delay": {"seconds": 1e9}}, 400),
    ("PATCH", "behaviour", {"colour": "red"}, 400),
    ("PATCH", "behaviour", [], 400),
    ("POST", "faults", {}, 404),
    ("GET", "behaviour", None, 404),
    ("POST", "nothing", {}, 404),
]


@pytest.mark.parametrize(("method", "path", "content", "status"), BAD_CONTROLS)
def test_the_control_refuses_what_it_cannot_do_and_changes_nothing(
    ndxp: RunningSimulator, method: str, path: str, content: object, status: int
) -> None:
    refused = httpx.request(method, f"{ndxp.base_url}/_control/{path}", json=content, trust_env=False)
    assert refused.status_code == status
    assert refused.json()["error"]
    assert post(ndxp, envelope(elements())).status_code == 200


def test_the_control_refuses_what_is_no_json(ndxp: RunningSimulator) -> None:
    refused = httpx.put(f"{ndxp.base_url}/_control/faults", content=b"{", trust_env=False)
    assert refused.status_code == 400


def test_a_body_over_one_mebibyte_is_refused_and_not_cut(ndxp: RunningSimulator) -> None:
    padding = b"<!--" + b"x" * 1_048_576 + b"-->"
    assert post(ndxp, envelope(elements()) + padding).status_code == 413
    large = httpx.put(f"{ndxp.base_url}/_control/faults", content=b" " * 1_048_577, trust_env=False)
    assert large.status_code == 413
    assert post(ndxp, envelope(elements())).status_code == 200
