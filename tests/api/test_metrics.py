"""Figures for the monitoring: counted by words of the contract, told of all processes, and about nobody."""

import re
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI

from app.adapters.population.upstream import CircuitState, Operation
from app.intake.gates import GateName
from tests.api.conftest import NGOC, Ask

pytestmark = pytest.mark.anyio

LOOKUP = {"procedure_code": "1.004194"} | NGOC


async def figures_of(client: httpx.AsyncClient) -> dict[str, float]:
    """Read the figures by their names and labels."""
    text = (await client.get("/metrics")).raise_for_status().text
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


async def test_every_gate_operation_and_state_is_told_from_the_start(client: httpx.AsyncClient) -> None:
    figures = await figures_of(client)
    for gate in get_args(GateName):
        assert figures[f'motcua_requests_refused_for_load_total{{gate="{gate}"}}'] == 0
    for operation in Operation:
        for state in CircuitState:
            told = figures[f'motcua_npd_circuit{{operation="{operation}",state="{state}"}}']
            assert told == (state is CircuitState.CLOSED)


async def test_lookups_count_by_kind_and_result(ask: Ask, client: httpx.AsyncClient) -> None:
    await ask("receiver", "POST", "/verify/id-card", json=LOOKUP)
    await ask("receiver", "POST", "/verify/id-card", json=LOOKUP | {"birth_date": "1990-07-31"})
    await ask("receiver", "POST", "/verify/id-card", json=LOOKUP | {"id_number": "100999000002"})
    await ask("receiver", "POST", "/citizens/share", json=LOOKUP)
    await ask("receiver", "POST", "/citizens/share", json=LOOKUP | {"fields": ["citizen.religion"]})
    figures = await figures_of(client)
    assert {name: n for name, n in figures.items() if name.startswith("motcua_lookups_total")} == {
        'motcua_lookups_total{kind="id-card",result="exists"}': 1,
        'motcua_lookups_total{kind="id-card",result="not_found"}': 1,
        'motcua_lookups_total{kind="id-card",result="population-database-error"}': 1,
        'motcua_lookups_total{kind="citizen-share",result="found"}': 1,
        'motcua_lookups_total{kind="citizen-share",result="field-not-permitted"}': 1,
    }
    assert figures['motcua_lookup_own_seconds_count{kind="id-card"}'] == 3
    assert 0 < figures['motcua_lookup_own_seconds_sum{kind="id-card"}'] < 3


async def test_our_own_share_is_without_the_register(ask: Ask, client: httpx.AsyncClient) -> None:
    # This person's answer takes two seconds.
    answer = await ask("receiver", "POST", "/verify/id-card", json=LOOKUP | {"id_number": "100999000007"})
    assert answer.status_code == 200
    figures = await figures_of(client)
    assert figures['motcua_lookup_own_seconds_sum{kind="id-card"}'] < 1
    whole = 'motcua_request_seconds_sum{method="POST",route="/verify/id-card",status="200"}'
    assert figures[whole] > 2


async def test_requests_count_by_the_template_of_their_route(ask: Ask, client: httpx.AsyncClient) -> None:
    await ask("receiver", "GET", "/cases/H24.16-261123-0001")
    await client.get("/Zzmarkzz/100190000001")
    await client.request("ZZMARKZZ", "/cases")
    text = (await client.get("/metrics")).text
    assert (
        'motcua_request_seconds_count{method="GET",route="/cases/{receipt_number}",status="404"} 1.0' in text
    )
    assert 'motcua_request_seconds_count{method="GET",route="unmatched",status="404"} 1.0' in text
    assert "zzmarkzz" not in text.lower()
    assert re.search(r"\d{12}", re.sub(r"\d\.\d+(e[+-]\d+)?|\d+\.\d+", "", text)) is None


async def test_cases_count_by_status(ask: Ask, client: httpx.AsyncClient) -> None:
    case: dict[str, Any] = {"procedure_code": "1.004194", "channel": "in_person", "applicant": NGOC}
    for _ in range(3):
        number = (await ask("receiver", "POST", "/cases", json=case)).json()["receipt_number"]
    await ask("receiver", "POST", f"/cases/{number}/status", json={"to": "in_progress"})
    figures = await figures_of(client)
    assert figures['motcua_cases{status="received"}'] == 2
    assert figures['motcua_cases{status="in_progress"}'] == 1
    assert figures['motcua_cases{status="completed"}'] == 0
    assert figures["motcua_cases_overdue"] == 0


async def test_cases_are_counted_once_a_minute(ask: Ask, client: httpx.AsyncClient) -> None:
    await figures_of(client)
    case: dict[str, Any] = {"procedure_code": "1.004194", "channel": "in_person", "applicant": NGOC}
    await ask("receiver", "POST", "/cases", json=case)
    assert (await figures_of(client))['motcua_cases{status="received"}'] == 0


async def test_log_ins_count_by_result(ask: Ask, client: httpx.AsyncClient) -> None:
    await ask("receiver", "GET", "/me")
    form = {"grant_type": "password", "username": "receiver", "password": "wrong"}
    await client.post("/auth/token", data=form)
    figures = await figures_of(client)
    assert figures['motcua_logins_total{result="accepted"}'] == 1
    assert figures['motcua_logins_total{result="invalid_grant"}'] == 1


async def test_a_budget_that_is_hit_counts(ask: Ask, client: httpx.AsyncClient) -> None:
    for _ in range(31):
        answer = await ask("receiver", "POST", "/verify/id-card", json=LOOKUP)
    assert answer.status_code == 429
    figures = await figures_of(client)
    assert figures['motcua_budget_hits_total{kind="lookups",scope="officer"}'] == 1
    assert figures['motcua_budget_hits_total{kind="lookups",scope="agency"}'] == 0
    assert figures['motcua_lookups_total{kind="id-card",result="lookup-budget-exceeded"}'] == 1


async def test_a_process_tells_what_it_has_in_hand(client: httpx.AsyncClient, app: FastAPI) -> None:
    figures = await figures_of(client)
    assert figures["motcua_audit_queue_records"] == 0
    assert figures["motcua_memory_bytes"] > 10_000_000
    assert figures[f'motcua_processes{{version="{app.version}"}}'] == 1
    assert figures["motcua_start_time_seconds"] > 1_700_000_000
