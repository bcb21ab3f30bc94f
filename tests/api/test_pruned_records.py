"""What auditors see of records whose retention has ended."""

from datetime import UTC, date, datetime

import pytest

from app.db.engine import Database
from app.keys.sealing import Sealer
from app.services.audit_pruning import AuditPruning
from app.services.operator_audit import OperatorAuditLog
from tests.api.conftest import NGOC, Ask, TestClock
from tests.conftest import NOON

pytestmark = pytest.mark.anyio


async def prune(url: str, sealer: Sealer) -> int:
    """Prune as the tables' owner."""
    database = Database(url)
    try:
        audit = OperatorAuditLog(database, sealer, lambda: NOON, made_by="cli:operator")
        pruning = AuditPruning(database=database, audit=audit, retention_months=24, clock=lambda: NOON)
        return await pruning.carry_out(await pruning.plan(date(2024, 11, 1)))
    finally:
        await database.close()


async def test_a_pruned_record_is_shown_without_content_and_can_still_be_proved(
    ask: Ask, clock: TestClock, owner_url: str, sealer: Sealer
) -> None:
    clock.now = datetime(2024, 2, 1, 5, 0, tzinfo=UTC)
    looked = await ask("receiver", "POST", "/verify/id-card", json={"procedure_code": "1.004194", **NGOC})
    sequence = looked.json()["audit"]["sequence"]
    clock.now = NOON
    before = (await ask("auditor", "GET", f"/audit/records/{sequence}")).json()
    assert await prune(owner_url, sealer) == 2

    one = await ask("auditor", "GET", f"/audit/records/{sequence}")
    assert one.json() == {"sequence": sequence, "record": None, "leaf_hash": before["leaf_hash"]}
    listed = await ask("auditor", "GET", "/audit/records", params={"to": "2024-12-01"})
    assert [item["record"] for item in listed.json()["items"]] == [None, None]
    proof = await ask("auditor", "GET", f"/audit/records/{sequence}/proof", params={"tree_size": "2"})
    assert (proof.status_code, proof.json()["leaf_hash"]) == (200, before["leaf_hash"])

    report = await ask("auditor", "POST", "/audit/access-report", json={"id_number": NGOC["id_number"]})
    assert [entry["status"] for entry in report.json()["items"]] == []
    span = {"from": "2024-01-15", "to": "2024-03-01"}
    figures = await ask("auditor", "GET", "/reports/lookups", params=span | {"group_by": "officer"})
    assert (figures.status_code, figures.json()["rows"]) == (200, [])
    snooping = await ask(
        "auditor", "GET", "/reports/snooping", params={"from": "2024-01-25", "to": "2024-02-10"}
    )
    assert snooping.status_code == 200
