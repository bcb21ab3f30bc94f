"""The service as real processes: two workers on one database, and processes that die in the middle."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.db.migrate import migrate
from tests.processes import Service, running_service
from tests.simulators import running_simulator

pytestmark = pytest.mark.anyio

NGOC = {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}
LOOKUP = {"procedure_code": "1.004194"} | NGOC
CASE = {"procedure_code": "1.004194", "channel": "in_person", "applicant": NGOC}


def bearer(service: Service, username: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.token(username)}"}


async def post_all(
    service: Service, path: str, body: dict[str, Any], *, times: int, in_flight: int
) -> list[httpx.Response]:
    limits = httpx.Limits(max_connections=in_flight)
    headers = bearer(service, "receiver")
    async with httpx.AsyncClient(
        base_url=service.base_url, headers=headers, limits=limits, timeout=60
    ) as client:
        return await asyncio.gather(*(client.post(path, json=body) for _ in range(times)))


def records_of(service: Service) -> list[dict[str, Any]]:
    """Read the whole log as the auditor, in the log's order."""
    headers = bearer(service, "auditor")
    items: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 200}
    while True:
        answer = httpx.get(f"{service.base_url}/audit/records", params=params, headers=headers, timeout=30)
        answer.raise_for_status()
        items += answer.json()["items"]
        if answer.json()["next_cursor"] is None:
            return sorted(items, key=lambda item: item["sequence"])
        params["cursor"] = answer.json()["next_cursor"]


@pytest.mark.timeout(180)
async def test_two_workers_share_one_log_and_one_counter(empty_url: str, tmp_path: Path) -> None:
    with running_service(empty_url, tmp_path, workers="2") as service:
        lookups, cases = await asyncio.gather(
            post_all(service, "/verify/id-card", LOOKUP, times=200, in_flight=40),
            post_all(service, "/cases", CASE, times=50, in_flight=50),
        )
        assert Counter(answer.status_code for answer in lookups) == {200: 200}
        assert Counter(answer.status_code for answer in cases) == {201: 50}
        counters = sorted(int(answer.json()["receipt_number"][-4:]) for answer in cases)
        assert counters == list(range(1, 51))
        items = records_of(service)
    numbers = [item["sequence"] for item in items]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[0] == 0
    kinds = Counter(item["record"]["kind"] for item in items)
    assert (kinds["INTENT"], kinds["OUTCOME"], kinds["CHANGE"]) == (200, 200, 50)
    outcomes = {item["sequence"]: item["record"]["lookup_id"] for item in items}
    for answer in lookups:
        assert outcomes[answer.json()["audit"]["sequence"]] == answer.json()["lookup_id"]


@pytest.mark.timeout(180)
async def test_a_lookup_cut_off_by_a_killed_process_is_on_record_as_abandoned(
    empty_url: str, tmp_path: Path
) -> None:
    patient = {"npd_timeout_seconds": "60", "npd_read_timeout_seconds": "60"}
    with (
        running_simulator("ndxp-soap", tmp_path) as simulator,
        running_service(empty_url, tmp_path, **simulator.settings, **patient) as service,
    ):
        simulator.fail("silent")
        headers = bearer(service, "receiver")
        async with httpx.AsyncClient(base_url=service.base_url, headers=headers) as client:
            asking = asyncio.create_task(client.post("/verify/id-card", json=LOOKUP, timeout=60))
            while not simulator.received():  # noqa: ASYNC110 - another process'
                await asyncio.sleep(0.1)
            service.kill()
            with pytest.raises(httpx.TransportError):
                await asking
    with running_service(empty_url, tmp_path, npd_timeout_seconds="1", audit_timeout_seconds="2") as service:
        deadline = time.monotonic() + 90
        kinds: list[str] = []
        while "ABANDONED" not in kinds and time.monotonic() < deadline:
            await asyncio.sleep(1)
            records = [item["record"] for item in records_of(service)]
            kinds = [record["kind"] for record in records if record["kind"] != "ACCESS"]
    assert kinds == ["INTENT", "ABANDONED"]
    intent, abandoned = (record for record in records if record["kind"] != "ACCESS")
    assert intent["lookup_id"] == abandoned["lookup_id"]
    assert intent["officer"] == abandoned["officer"] == "receiver"


async def test_a_service_that_is_told_to_stop_answers_what_it_has(empty_url: str, tmp_path: Path) -> None:
    slow = LOOKUP | {"id_number": "100999000007"}
    with running_service(empty_url, tmp_path) as service:
        headers = bearer(service, "receiver")
        async with httpx.AsyncClient(base_url=service.base_url, headers=headers) as client:
            asking = asyncio.create_task(client.post("/verify/id-card", json=slow, timeout=30))
            await asyncio.sleep(1)
            service.process.terminate()
            answer = await asking
        assert (answer.status_code, answer.json()["result"]) == (200, "not_found")
        service.process.wait(20)


def test_a_second_start_finds_everything_as_it_was(empty_url: str, tmp_path: Path) -> None:
    migrate(empty_url)
    with running_service(empty_url, tmp_path) as service:
        number = httpx.post(
            f"{service.base_url}/cases", json=CASE, headers=bearer(service, "receiver")
        ).json()["receipt_number"]
    with running_service(empty_url, tmp_path) as service:
        answer = httpx.get(f"{service.base_url}/cases/{number}", headers=bearer(service, "receiver"))
        assert answer.json()["applicant"]["full_name"] == NGOC["full_name"]
