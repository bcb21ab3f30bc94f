import asyncio
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select, text

from app.db.engine import Database
from app.db.tables import AuditHead

pytestmark = pytest.mark.anyio


async def test_a_migrated_database_has_an_empty_audit_log(database: Database) -> None:
    async with database.read() as session:
        head = (await session.scalars(select(AuditHead))).one()
    assert (head.id, head.size, head.unclosed_from) == (1, 0, 0)


class _CutOffError(Exception):
    pass


async def _write_until_cut_off(database: Database) -> Any:
    """Begin to write, lose the connection, and return the statement that was not read to its end."""
    unread = None
    with suppress(_CutOffError):
        async with database.write() as session:
            connection = await session.connection()
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            unread = await driver.execute("UPDATE audit_head SET size = size RETURNING size")
            # What SQLAlchemy does when a task is cancelled while the database works for it.
            await connection.invalidate()
            raise _CutOffError
    return unread


async def test_a_writer_that_was_cut_off_leaves_no_lock(database: Database) -> None:
    # Held to the end, as the traceback of a cancelled task would hold it.
    unread = await _write_until_cut_off(database)
    async with asyncio.timeout(5), database.write() as session:
        await session.execute(text("UPDATE audit_head SET size = size"))
    assert unread is not None
