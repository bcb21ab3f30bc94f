import asyncio

import pytest
from sqlalchemy import func, select, update

from app.db import tables
from app.db.engine import Database, Session
from app.keys.sealing import Sealer
from app.sandbox.load import load_sandbox

pytestmark = pytest.mark.anyio


async def counts(session: Session) -> list[int | None]:
    every = (tables.Agency, tables.Officer, tables.Client, tables.Procedure)
    return [await session.scalar(select(func.count()).select_from(table)) for table in every]


async def test_all_of_the_sandbox_is_there_afterwards(database: Database, sealer: Sealer) -> None:
    await load_sandbox(database, sealer)
    async with database.read() as session:
        assert await counts(session) == [4, 8, 1, 6]


async def test_two_workers_that_start_at_once_load_it_once(
    database: Database, database_url: str, sealer: Sealer
) -> None:
    other = Database(database_url)
    await asyncio.gather(load_sandbox(database, sealer), load_sandbox(other, sealer))
    async with other.read() as session:
        assert await counts(session) == [4, 8, 1, 6]
    await other.close()


async def test_loading_again_changes_nothing_that_is_there(database: Database, sealer: Sealer) -> None:
    await load_sandbox(database, sealer)
    async with database.write() as session:
        await session.execute(update(tables.Officer).values(is_active=False, password_hash="changed"))
        await session.execute(update(tables.Procedure).values(name="changed"))
        await session.delete(await session.get_one(tables.Client, "portal"))
    await load_sandbox(database, sealer)
    async with database.read() as session:
        assert await counts(session) == [4, 8, 1, 6]
        officers = (await session.scalars(select(tables.Officer))).all()
        assert {(officer.is_active, officer.password_hash) for officer in officers} == {(False, "changed")}
        assert set(await session.scalars(select(tables.Procedure.name))) == {"changed"}


@pytest.mark.usefixtures("costly_hashes")
async def test_no_two_accounts_share_a_salt(database: Database, sealer: Sealer) -> None:
    await load_sandbox(database, sealer)
    async with database.read() as session:
        hashes = (await session.scalars(select(tables.Officer.password_hash))).all()
    assert len(set(hashes)) == 8
    assert all(text.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for text in hashes)
