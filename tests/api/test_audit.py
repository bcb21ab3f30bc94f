"""Reading the audit log over HTTP."""

import hashlib
import json
from base64 import b64decode, b64encode
from typing import Any

import httpx
import pytest
import rfc8785

from tests.api.case_forms import NUMBER, register
from tests.api.conftest import NGOC, Ask

pytestmark = pytest.mark.anyio

LOOKUP = {"procedure_code": "1.004194"} | NGOC


async def look_up(ask: Ask, name: str = "receiver") -> dict[str, Any]:
    answer = await ask(name, "POST", "/verify/id-card", json=LOOKUP)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def read(ask: Ask, path: str = "/audit/records", **params: str) -> dict[str, Any]:
    answer = await ask("auditor", "GET", path, params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_lookup_is_read_back_with_hashes_that_anybody_can_recompute(ask: Ask) -> None:
    lookup = await look_up(ask)
    items = (await read(ask, lookup_id=lookup["lookup_id"]))["items"]
    assert [item["record"]["kind"] for item in items] == ["OUTCOME", "INTENT"]
    assert items[0]["sequence"] == lookup["audit"]["sequence"]
    for item in items:
        digest = hashlib.sha256(b"\x00" + rfc8785.dumps(item["record"])).digest()
        assert b64encode(digest).decode() == item["leaf_hash"]
        assert await read(ask, f"/audit/records/{item['sequence']}") == item
        assert NGOC["id_number"] not in json.dumps(item)
        assert len(b64decode(item["record"]["subjects"][0]["ref"])) == 32


async def test_every_kind_of_record_is_shown_as_it_was_hashed(ask: Ask, client: httpx.AsyncClient) -> None:
    await register(ask)
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"note": "x"})
    procedure = (await ask("admin", "GET", "/procedures/1.000894")).json()
    account = {"full_name": "Một", "agency": "H24.15", "roles": ["receiver"], "is_active": False}
    system = {"name": "Cổng", "agency": "H24.15", "grants": ["client_credentials"], "scopes": ["cases:read"]}
    for path, body in (
        ("/procedures/1.000894", procedure | {"processing_days": 9, "is_active": False}),
        ("/officers/receiver", account),
        ("/clients/portal", system),
        ("/agencies/H24.15", {"name": "Quận", "parent": "H24"}),
    ):
        answer = await ask("admin", "PUT", path, json=body)
        assert answer.status_code == 200, answer.text
    guess = {"grant_type": "password", "username": "receiver", "password": "wrong"}
    await client.post("/auth/token", data=guess)
    await look_up(ask, "receiver2")
    await ask("receiver2", "POST", "/citizens/share", json=NGOC | {"procedure_code": "2.000815"})
    await read(ask)
    items = (await read(ask, limit="200"))["items"]
    assert {"INTENT", "OUTCOME", "DENIED", "CHANGE", "ACCESS"} <= {item["record"]["kind"] for item in items}
    assert any(value is False for item in items for value in item["record"]["details"].values())
    for item in items:
        digest = hashlib.sha256(b"\x00" + rfc8785.dumps(item["record"])).digest()
        assert b64encode(digest).decode() == item["leaf_hash"], item["record"]["kind"]


async def test_pages_follow_each_other_without_gap_or_repeat(ask: Ask) -> None:
    for _ in range(3):
        await look_up(ask)
    page = await read(ask, officer="receiver", limit="2")
    items = page["items"]
    while page["next_cursor"]:
        page = await read(ask, officer="receiver", limit="2", cursor=page["next_cursor"])
        items += page["items"]
    sequences = [item["sequence"] for item in items]
    assert sequences == sorted(set(sequences), reverse=True)
    assert len(sequences) == 6


async def test_reading_is_on_record_before_the_next_reading(ask: Ask) -> None:
    await read(ask, officer="receiver", **{"from": "2026-11-23"})
    (access,) = (await read(ask, kind="ACCESS"))["items"]
    assert access["record"]["officer"] == "auditor"
    assert access["record"]["result"] == "read"
    assert access["record"]["details"]["filters"] == ["officer", "from"]


async def test_a_day_means_the_day_in_vietnam(ask: Ask) -> None:
    await look_up(ask)
    assert (await read(ask, officer="receiver", **{"from": "2026-11-24"}))["items"] == []
    items = (await read(ask, officer="receiver", **{"from": "2026-11-23", "to": "2026-11-24"}))["items"]
    assert len(items) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("officer", "x" * 65),
        ("agency", "?"),
        ("kind", "READ"),
        ("lookup_id", "1"),
        ("receipt_number", "1"),
        ("from", "soon"),
        ("to", "2026-02-30"),
        ("limit", "201"),
        ("limit", "9" * 5000),
        ("cursor", "AAAA"),
    ],
)
async def test_what_is_no_filter_is_pointed_at(ask: Ask, name: str, value: str) -> None:
    answer = await ask("auditor", "GET", "/audit/records", params={name: value})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [name]
    assert value not in answer.text


@pytest.mark.parametrize("sequence", ["999999", "-1", "9" * 30, "first", "0x1"])
async def test_a_record_that_does_not_exist_is_not_found(ask: Ask, sequence: str) -> None:
    answer = await ask("auditor", "GET", f"/audit/records/{sequence}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    "path",
    ["/audit/records", "/audit/records/0", "/audit/records/0/proof", "/audit/consistency?from=1&to=1"],
)
async def test_only_an_auditor_reads_the_log_and_has_proofs(ask: Ask, path: str) -> None:
    for name in ("receiver", "manager", "admin", "portal"):
        answer = await ask(name, "GET", path)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
