"""The lookups of a span as the snooping report reads them, on each real database."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, insert

from app.db.audit_tables import AuditRecord
from app.db.engine import Database
from app.db.lookup_figures import lookups_by_officer
from app.domain.audit_event import AuditKind
from app.domain.lookup_report import Span
from tests.conftest import NOON

pytestmark = pytest.mark.anyio

LOOKUPS = 2_345
SPAN = Span(NOON - timedelta(days=1), NOON + timedelta(days=1))


def ended(sequence: int) -> dict[str, Any]:
    """Make up the last record of a lookup; three officers take turns."""
    lookup_id = uuid4()
    return {
        "sequence": sequence,
        "event_id": uuid4(),
        "leaf_hash": bytes(32),
        "record": b"{}",
        "kind": AuditKind.OUTCOME.value,
        "at": NOON,
        "lookup_id": lookup_id,
        "closes": lookup_id,
        "officer": f"officer{sequence % 3}",
        "agency": "H24.15",
        "result": "exists",
    }


async def test_one_query_gives_each_officers_lookups_together_and_in_order(database: Database) -> None:
    async with database.write() as session:
        await session.execute(insert(AuditRecord), [ended(sequence) for sequence in range(LOOKUPS)])
    queries = []
    async with database.search() as session:
        connection = await session.connection()

        @event.listens_for(connection.sync_connection, "before_cursor_execute")
        def _count(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
            queries.append(statement)

        batches = [batch async for batch in lookups_by_officer(session, SPAN, reach=["H24.15"])]
    assert sum(statement.startswith("SELECT") for statement in queries) == 1
    assert max(map(len, batches)) <= 1_000
    seen = [(row.officer, row.sequence) for batch in batches for row in batch]
    assert seen == sorted((f"officer{sequence % 3}", sequence) for sequence in range(LOOKUPS))
