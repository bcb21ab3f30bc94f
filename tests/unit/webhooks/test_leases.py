"""Who takes a webhook, on each real database."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from app.db import tables
from app.db import webhooks as rows
from app.db.engine import Database
from tests.conftest import NOON

pytestmark = pytest.mark.anyio

WEBHOOK = UUID(int=1)


async def made(database: Database, *, next_at: datetime, has_letter: bool) -> None:
    """Make a webhook that is due with a change at `next_at`, and perhaps with a letter to be sent again."""
    async with database.write() as session:
        session.add(tables.Agency(code="H24", name="Tỉnh", parent_code=None))
        await session.flush()
        head = await session.get_one(tables.CaseChangeHead, 1)
        head.size = 1
        session.add(
            tables.Webhook(
                id=WEBHOOK,
                url="https://portal.example.vn/hook",
                agency_code="H24",
                secret_sealed=b"",
                created_by="admin",
                created_at=NOON,
                delivered_to=0,
                failures=1,
                next_at=next_at,
            )
        )
        await session.flush()
        session.add(
            tables.WebhookDeadLetter(
                webhook_id=WEBHOOK, sequence=1, failure="x", given_up_at=NOON, is_to_resend=has_letter
            )
        )


async def is_due(database: Database, now: datetime) -> bool:
    async with database.read() as session:
        return (WEBHOOK, "H24") in await rows.due_webhooks(session, now=now)


async def is_taken(database: Database, now: datetime) -> bool:
    take = partial(rows.lease, webhook_id=WEBHOOK, now=now, until=now + timedelta(seconds=30))
    return await database.change(take) is not None


@pytest.mark.parametrize(
    ("pause", "has_letter", "can_begin"), [(1, False, False), (1, True, True), (0, False, True)]
)
async def test_a_webhook_is_taken_in_its_pause_for_letters_alone(
    database: Database, pause: int, *, has_letter: bool, can_begin: bool
) -> None:
    await made(database, next_at=NOON + timedelta(seconds=pause), has_letter=has_letter)
    assert await is_due(database, NOON) is can_begin
    # Also by one who read that it was due before another tried and failed.
    assert await is_taken(database, NOON) is can_begin


async def test_a_webhook_is_taken_by_one_at_a_time(database: Database) -> None:
    await made(database, next_at=NOON, has_letter=True)
    assert await is_taken(database, NOON)
    assert not await is_due(database, NOON)
    assert not await is_taken(database, NOON)
    assert await is_taken(database, NOON + timedelta(seconds=31))
