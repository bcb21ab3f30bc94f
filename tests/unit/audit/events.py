"""Events, and a look at what became of them, for the tests of the audit log."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from app.db.audit_tables import AuditHead, AuditRecord
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.lookup_budget import Limits
from app.domain.lookup_kind import LookupKind
from app.domain.merkle import leaf_hash
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from tests.conftest import NOON

NUMBER = "100190000001"


def make_intent(**changes: Any) -> AuditEvent:
    event = AuditEvent(
        kind=AuditKind.INTENT,
        at=NOON,
        officer="receiver",
        agency="H24.15",
        client=None,
        source_address="10.0.0.1",
        lookup_id=uuid4(),
        lookup_kind=LookupKind.ID_CARD,
        procedure_code="1.004194",
        purpose="Đăng ký tạm trú",
        subjects=(Subject("claimed", NUMBER),),
        upstream_request_id=str(uuid4()),
    )
    return replace(event, **changes)


def make_outcome(intent: AuditEvent, **changes: Any) -> AuditEvent:
    outcome = replace(intent, kind=AuditKind.OUTCOME, event_id=uuid4(), result="exists")
    return replace(outcome, **changes)


@asynccontextmanager
async def running_log(
    database: Database,
    sealer: Sealer,
    *,
    now: datetime = NOON,
    queue_limit: int = 2000,
    timeout_seconds: float = 20.0,
    limits: Limits | None = None,
) -> AsyncIterator[AuditLog]:
    log = AuditLog(
        database,
        sealer,
        lambda: now,
        queue_limit=queue_limit,
        timeout_seconds=timeout_seconds,
        limits=limits,
    )
    log.start()
    try:
        yield log
    finally:
        await log.stop()


async def rows_of(database: Database) -> list[AuditRecord]:
    async with database.read() as session:
        return list(await session.scalars(select(AuditRecord).order_by(AuditRecord.sequence)))


async def head_of(database: Database) -> AuditHead:
    async with database.read() as session:
        return (await session.scalars(select(AuditHead))).one()


def content_of(row: AuditRecord) -> dict[str, Any]:
    assert row.record is not None
    content: dict[str, Any] = json.loads(row.record)
    return content


async def assert_log_is_sound(database: Database) -> list[AuditRecord]:
    """No gap, no repeat, the head right, every hash and every repeated column true to the bytes."""
    rows = await rows_of(database)
    assert [row.sequence for row in rows] == list(range(len(rows)))
    assert (await head_of(database)).size == len(rows)
    assert len({row.event_id for row in rows}) == len(rows)
    for row in rows:
        content = content_of(row)
        assert row.leaf_hash == leaf_hash(row.record or b"")
        assert UUID(content["event_id"]) == row.event_id
        assert (content["kind"], content["officer"]) == (row.kind, row.officer)
    return rows
