"""The service over the wire, while the register fails: real processes on both ends."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import pytest

from app.adapters.population.factory import open_population_database
from app.adapters.population.port import HeadResult, LookupContext, MemberResult, PopulationDatabase
from app.alerts import Alerts
from app.errors import PopulationDatabaseError
from app.services.metrics import Metrics
from app.settings.settings import Settings
from app.simulator.faults import Fault
from tests.claims import make_claim, numbers
from tests.faults.test_processes import LOOKUP, bearer, records_of
from tests.processes import free_port, running_service
from tests.simulators import RunningSimulator, running_simulator

PAUSE_SECONDS: Final = 2.0
CALLS: Final = 10_000


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[RunningSimulator]:
    with running_simulator("ndxp-soap", tmp_path) as simulator:
        yield simulator


@pytest.mark.anyio
async def test_no_question_leaves_before_its_intent_is_durable(
    simulator: RunningSimulator, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'intent.db'}"
    with running_service(url, tmp_path, **simulator.settings) as service:
        headers = bearer(service, "receiver")
        async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=30) as client:
            bodies = [LOOKUP | {"id_number": f"1009990000{last:02}"} for last in (2, 3, 5, 6)] + [LOOKUP] * 46
            await asyncio.gather(*(client.post("/verify/id-card", json=body) for body in bodies))
        records = [item["record"] for item in records_of(service)]
    intents = {record["upstream_request_id"]: record for record in records if record["kind"] == "INTENT"}
    received = simulator.received()
    assert len(received) == len(intents) == 50
    assert {request["request_id"] for request in received} == intents.keys()
    for request in received:
        intended = datetime.fromisoformat(intents[request["request_id"]]["at"]).timestamp()
        assert intended <= request["at"]
    outcomes = Counter(record["lookup_id"] for record in records if record["kind"] == "OUTCOME")
    assert outcomes == Counter({record["lookup_id"]: 1 for record in intents.values()})


@pytest.mark.timeout(180)
def test_a_register_that_is_away_is_refused_at_once_and_found_again(tmp_path: Path) -> None:
    port = free_port()
    with running_simulator("ndxp-soap", tmp_path, port=port) as first:
        settings = first.settings | {"npd_circuit_pause_seconds": str(PAUSE_SECONDS)}
    url = f"sqlite:///{tmp_path / 'away.db'}"
    with running_service(url, tmp_path, **settings) as service:
        client = httpx.Client(base_url=service.base_url, headers=bearer(service, "receiver"), timeout=30)
        codes = [client.post("/verify/id-card", json=LOOKUP).json()["code"] for _ in range(5)]
        assert codes == ["population-database-error"] * 5
        refusals = [client.post("/verify/id-card", json=LOOKUP) for _ in range(5)]
        assert {answer.status_code for answer in refusals} == {503}
        assert {answer.json()["code"] for answer in refusals} == {"population-database-unavailable"}
        assert all(1 <= int(answer.headers["Retry-After"]) <= PAUSE_SECONDS for answer in refusals)
        assert sorted(answer.elapsed.total_seconds() for answer in refusals)[2] < 0.05
        status = client.get("/verify/status").json()
        assert (status["state"], status["retry_after_seconds"]) == ("unavailable", int(PAUSE_SECONDS))
        assert client.get("/health/ready").json()["population_database"] == "unavailable"
        assert 'motcua_npd_circuit{operation="verify",state="open"} 1.0' in client.get("/metrics").text
        with running_simulator("ndxp-soap", tmp_path, port=port):
            began = time.monotonic()
            while client.get("/verify/status").json()["state"] != "available":
                assert time.monotonic() - began < 10
                client.post("/verify/id-card", json=LOOKUP)
                time.sleep(0.1)
            assert client.post("/verify/id-card", json=LOOKUP).json()["result"] == "exists"
        assert 'motcua_npd_circuit{operation="verify",state="closed"} 1.0' in client.get("/metrics").text
        client.close()


def _context() -> LookupContext:
    return LookupContext(
        request_id=str(uuid4()),
        service_code="1.004194",
        officer_id_number="100185000901",
        unit_code="H24.15",
        account="receiver",
    )


async def _ask(population: PopulationDatabase, turn: int) -> str:
    """Ask about people who exist and belong together; return what came."""
    try:
        match turn % 3:
            case 0:
                found = await population.verify(make_claim(), _context())
                return "not_found" if found is None else "answered"
            case 1:
                citizen = await population.find_citizen(make_claim(), _context())
                return "not_found" if citizen is None else "answered"
            case _:
                answer = await population.check_household(make_claim(), numbers("100088000002"), _context())
                told = (answer.head, answer.members)
                return "answered" if told == (HeadResult.CONFIRMED, (MemberResult.MEMBER,)) else str(told)
    except PopulationDatabaseError as failure:
        return failure.code


@pytest.mark.timeout(240)
@pytest.mark.parametrize("profile", ["ndxp-soap", "lgsp-json"])
@pytest.mark.anyio
async def test_no_failure_ever_looks_like_a_no(profile: str, tmp_path: Path) -> None:
    name = "ndxp-soap" if profile == "ndxp-soap" else "lgsp-json"
    slow = {Fault.SILENT, Fault.HANG, Fault.DRIP, Fault.HUGE}
    with running_simulator(name, tmp_path) as simulator:  # type: ignore[arg-type] # one of its two
        simulator.fail(probability=0.5, kinds=sorted(set(Fault) - slow), seed=20261124)
        quick = {"npd_timeout_seconds": 2, "npd_circuit_failures": 1000, "npd_max_waiting": 1000}
        settings = Settings.model_validate(simulator.settings | quick)
        async with open_population_database(settings, Metrics(), Alerts()) as population:
            places = asyncio.Semaphore(64)

            async def one(turn: int) -> str:
                async with places:
                    return await _ask(population, turn)

            came = Counter(await asyncio.gather(*(one(turn) for turn in range(CALLS // 2))))
            simulator.fail(*sorted(slow))
            came += Counter(await asyncio.gather(*(one(turn) for turn in range(len(slow)))))
    assert came.keys() <= {
        "answered",
        "population-database-error",
        "population-database-timeout",
        "population-database-unavailable",
        "population-database-refused",
        "population-database-mismatch",
    }
    assert min(came["answered"], came["population-database-error"]) > CALLS // 10
    assert min(came["population-database-refused"], came["population-database-mismatch"]) > 0
