"""Checkpoints and proofs over HTTP."""

import asyncio
import hashlib
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import rfc8785
from fastapi import FastAPI
from sqlalchemy import delete

from app.db.audit_tables import AuditNode, AuditRecord
from app.domain.checkpoint import Checkpoint, verifier_key
from app.domain.merkle import verify_consistency, verify_inclusion
from app.keys.key_file import Keys
from app.keys.log_keys import verified
from app.settings.settings import Settings
from tests.api.conftest import NGOC, Ask, TestClock
from tests.databases import tampering

pytestmark = pytest.mark.anyio

ORIGIN = "127.0.0.1/audit"
LOOKUP = {"procedure_code": "1.004194"} | NGOC


async def look_up(ask: Ask, *, times: int = 1) -> dict[str, Any]:
    for _ in range(times):
        answer = await ask("receiver", "POST", "/verify/id-card", json=LOOKUP)
        assert answer.status_code == 200, answer.text
    audit: dict[str, Any] = answer.json()["audit"]
    return audit


async def read(ask: Ask, path: str, **params: Any) -> dict[str, Any]:
    answer = await ask("auditor", "GET", path, params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def anchor(tmp_path: Path) -> Path:
    return tmp_path / "anchor"


@pytest.fixture
def settings(settings: Settings, anchor: Path) -> Settings:
    return settings.model_copy(update={"audit_anchor_directory": anchor})


def put_in_the_way(anchor: Path) -> None:
    """Make the anchor fail, whoever runs the tests: root may write where others may not."""
    anchor.rename(anchor.with_name("away"))
    anchor.touch()


def clear_the_way(anchor: Path) -> None:
    anchor.unlink()
    anchor.with_name("away").rename(anchor)


@pytest.fixture
def make_checkpoint(app: FastAPI, client: httpx.AsyncClient, keys: Keys) -> Any:
    """Make a checkpoint now, fetch it and check its signature."""

    async def make() -> Checkpoint:
        await app.state.checkpoints.make()
        answer = await client.get("/audit/checkpoint")
        assert answer.status_code == 200, answer.text
        return verified(answer.text, origin=ORIGIN, public_keys=keys.log_keys.public_keys)

    return make


async def test_anybody_may_have_the_newest_checkpoint_and_the_key(
    client: httpx.AsyncClient, ask: Ask, make_checkpoint: Any, keys: Keys
) -> None:
    audit = await look_up(ask)
    checkpoint = await make_checkpoint()
    assert (checkpoint.size, checkpoint.root) == (audit["tree_size"], b64decode(audit["root"]))
    for path in ("/audit/checkpoint", "/audit/public-key"):
        answer = await client.get(path)
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == verifier_key(ORIGIN, keys.log_keys.public_keys[0]) + "\n"


async def test_a_service_without_any_record_has_a_checkpoint_too(make_checkpoint: Any) -> None:
    assert (await make_checkpoint()).size == 0


async def test_a_record_is_proved_to_be_in_the_log_that_was_signed(ask: Ask, make_checkpoint: Any) -> None:
    audit = await look_up(ask, times=3)
    checkpoint = await make_checkpoint()
    found = await read(ask, f"/audit/records/{audit['sequence']}")
    leaf = hashlib.sha256(b"\x00" + rfc8785.dumps(found["record"])).digest()
    proof = await read(ask, f"/audit/records/{audit['sequence']}/proof", tree_size=checkpoint.size)
    assert (proof["leaf_index"], proof["tree_size"]) == (audit["sequence"], checkpoint.size)
    assert b64decode(proof["leaf_hash"]) == leaf
    hashes = [b64decode(one) for one in proof["hashes"]]
    assert verify_inclusion(leaf, audit["sequence"], checkpoint.size, hashes, checkpoint.root)


async def test_without_a_size_the_proof_is_for_the_newest_checkpoint(ask: Ask, make_checkpoint: Any) -> None:
    audit = await look_up(ask)
    checkpoint = await make_checkpoint()
    await look_up(ask)
    proof = await read(ask, f"/audit/records/{audit['sequence']}/proof")
    assert proof["tree_size"] >= checkpoint.size


async def test_a_record_of_the_last_moment_waits_for_its_checkpoint(ask: Ask) -> None:
    audit = await look_up(ask)
    proof = await read(ask, f"/audit/records/{audit['sequence']}/proof")
    assert proof["tree_size"] > audit["sequence"]


async def test_the_root_of_a_lookup_is_proved_to_be_part_of_a_later_log(
    ask: Ask, make_checkpoint: Any
) -> None:
    kept = await look_up(ask)
    await look_up(ask, times=4)
    checkpoint = await make_checkpoint()
    query = {"from": kept["tree_size"], "to": checkpoint.size}
    proof = await read(ask, "/audit/consistency", **query)
    assert {name: proof[name] for name in query} == query
    hashes = [b64decode(one) for one in proof["hashes"]]
    roots = {"first_root": b64decode(kept["root"]), "second_root": checkpoint.root}
    assert verify_consistency(kept["tree_size"], checkpoint.size, hashes, **roots)
    assert (await read(ask, "/audit/consistency", **{"from": 1, "to": 1}))["hashes"] == []


async def test_reading_proofs_is_on_record(ask: Ask, make_checkpoint: Any) -> None:
    audit = await look_up(ask)
    await make_checkpoint()
    await read(ask, f"/audit/records/{audit['sequence']}/proof", tree_size=2)
    await read(ask, "/audit/consistency", **{"from": 1, "to": 2})
    items = (await read(ask, "/audit/records", kind="ACCESS"))["items"]
    assert [item["record"]["details"] for item in items] == [
        {"proof": "consistency", "from": 1, "to": 2},
        {"proof": "inclusion", "sequence": audit["sequence"], "tree_size": 2},
    ]
    assert {item["record"]["officer"] for item in items} == {"auditor"}


@pytest.mark.parametrize(
    ("path", "params", "pointer", "fault"),
    [
        ("/audit/records/0/proof", {"tree_size": "0"}, "tree_size", "out-of-range"),
        ("/audit/records/0/proof", {"tree_size": "-1"}, "tree_size", "out-of-range"),
        ("/audit/records/0/proof", {"tree_size": "٣"}, "tree_size", "out-of-range"),
        ("/audit/records/0/proof", {"tree_size": "9" * 15}, "tree_size", "beyond-log"),
        ("/audit/records/0/proof", {"tree_size": "9" * 30}, "tree_size", "out-of-range"),
        ("/audit/records/1/proof", {"tree_size": "1"}, "tree_size", "record-not-in-tree"),
        ("/audit/consistency", {"from": "0", "to": "1"}, "from", "out-of-range"),
        ("/audit/consistency", {"from": "2", "to": "1"}, "from", "out-of-range"),
        ("/audit/consistency", {"from": "1", "to": "999999"}, "to", "beyond-log"),
        ("/audit/consistency", {"from": "1"}, "to", "required"),
        ("/audit/consistency", {"to": "1"}, "from", "required"),
    ],
)
async def test_sizes_that_the_log_never_had_are_pointed_at(
    ask: Ask, path: str, params: dict[str, str], pointer: str, fault: str
) -> None:
    await look_up(ask)
    answer = await ask("auditor", "GET", path, params=params)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, fault)]


async def test_a_record_newer_than_the_newest_checkpoint_is_told_from_one_that_does_not_exist(
    ask: Ask, anchor: Path, make_checkpoint: Any
) -> None:
    await look_up(ask)
    await make_checkpoint()
    # Else the task beside the service would make the next checkpoint within the second.
    put_in_the_way(anchor)
    audit = await look_up(ask)
    answer = await ask("auditor", "GET", f"/audit/records/{audit['sequence']}/proof")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "record-not-in-checkpoint"
    answer = await ask("auditor", "GET", "/audit/records/99999/proof")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_a_broken_tree_proves_nothing_and_raises_the_alarm(ask: Ask, owner_url: str, logs: Any) -> None:
    await look_up(ask, times=2)

    def tampered() -> None:
        with tampering(owner_url) as connection:
            connection.execute(delete(AuditNode))
            connection.execute(delete(AuditRecord).where(AuditRecord.sequence == 1))

    # The service may hold SQLite's lock, and need the event loop to let go of it.
    await asyncio.to_thread(tampered)
    answer = await ask("auditor", "GET", "/audit/records/0/proof", params={"tree_size": "3"})
    assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
    assert "audit-tree-broken" in logs.getvalue()


async def until(client: httpx.AsyncClient, state: str) -> None:
    """Wait for the rounds of the task beside the service, one a second, to come to this state."""
    for _ in range(100):
        answer = await client.get("/health/ready")
        assert answer.status_code == 200
        if answer.json()["audit_checkpoints"] == state:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(answer.json())


async def test_lookups_stop_before_their_intent_when_the_anchor_fails_for_too_long(
    ask: Ask, client: httpx.AsyncClient, clock: TestClock, anchor: Path, make_checkpoint: Any
) -> None:
    await look_up(ask)
    await make_checkpoint()
    put_in_the_way(anchor)
    await look_up(ask)
    await until(client, "late")
    await look_up(ask)
    clock.advance(timedelta(hours=5))
    await until(client, "refusing")
    token = await bearer(client, "receiver")
    answer = await client.post("/verify/id-card", json=LOOKUP, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (503, "audit-unavailable")
    assert answer.headers["Retry-After"]
    items = await client.get(
        "/audit/records", params={"kind": "INTENT"}, headers=await bearer(client, "auditor")
    )
    assert len(items.json()["items"]) == 3
    figures = (await client.get("/metrics")).text
    assert "motcua_audit_checkpoint_lag_seconds 18000.0" in figures
    clear_the_way(anchor)
    await until(client, "current")
    answer = await client.post("/verify/id-card", json=LOOKUP, headers=token)
    assert answer.status_code == 200


async def bearer(client: httpx.AsyncClient, username: str) -> dict[str, str]:
    """Log in now; earlier tokens have expired."""
    form = {"grant_type": "password", "username": username, "password": "sandbox"}
    answer = await client.post("/auth/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
