import asyncio
import threading
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from app.db.audit_tables import AuditHead
from app.db.engine import Database
from app.errors import ServiceUnavailableError

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


@pytest.mark.parametrize(
    ("statement", "error"), [("SELECT x FROM nowhere", ProgrammingError), ("SELECT 1 / 0", DataError)]
)
async def test_a_wrong_statement_is_a_bug_and_no_outage(
    on_postgres: Database, statement: str, error: type[DBAPIError]
) -> None:
    with pytest.raises(error):
        async with on_postgres.read() as session:
            await session.execute(text(statement))


async def test_a_broken_constraint_is_told_as_such(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            await session.execute(text("INSERT INTO audit_node VALUES (0, 0, NULL)"))


@pytest.mark.parametrize("error", [FileNotFoundError, TimeoutError, ConnectionResetError])
async def test_what_goes_wrong_beside_the_database_is_not_taken_for_its_failure(
    database: Database, error: type[OSError]
) -> None:
    with pytest.raises(error):
        async with database.read():
            raise error


async def _run_for_a_moment(database: Database, statement: str) -> None:
    async with database.read() as session:
        await session.execute(text("SET LOCAL statement_timeout = '50ms'"))
        await session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    ["SELECT pg_sleep(25)", "SELECT pg_terminate_backend(pg_backend_pid())"],
    ids=["took too long", "lost its connection"],
)
async def test_a_database_that_gives_up_is_unavailable(on_postgres: Database, statement: str) -> None:
    with pytest.raises(ServiceUnavailableError) as failed:
        await _run_for_a_moment(on_postgres, statement)
    assert failed.value.retry_after_seconds == 2
    async with on_postgres.read() as session:
        assert (await session.execute(text("SELECT 1"))).scalar_one() == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/nothing",
        "postgresql://nobody@nowhere.invalid/nothing",
        "postgresql://nobody@/nothing?host=/nowhere",
        "sqlite:////nowhere/nothing.db",
    ],
)
async def test_a_database_that_cannot_be_reached_is_unavailable(url: str) -> None:
    database = Database(url)
    with pytest.raises(ServiceUnavailableError):
        async with database.read():
            pass
    await database.close()
    # SQLite's driver does not wait for its thread to end when it could not connect.
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)
