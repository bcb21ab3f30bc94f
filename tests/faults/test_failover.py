"""Several PostgreSQL servers in one address: only who writes is asked, also after another one became it."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

import httpx
import psycopg
import pytest
from sqlalchemy import text

from app.db.engine import BlockingSession, Database
from app.db.migrate import migrate
from app.errors import ServiceUnavailableError
from tests.api.conftest import NGOC
from tests.faults.storms.invariants import Evidence, verified
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.mortal_postgres import MortalPostgres, mortal_postgres
from tests.processes import Service, running_service
from tests.programs import wait_until

pytestmark = pytest.mark.timeout(180)

LOOKUP: Final = {"procedure_code": "1.004194", **NGOC}
_RECOVERY_SECONDS: Final = 60.0


@pytest.fixture
def pair() -> Iterator[tuple[MortalPostgres, MortalPostgres]]:
    """Give a primary and its synchronous standby."""
    # Not below pytest's own folder: another user has to reach the server's socket, and its path is short.
    with TemporaryDirectory(prefix="motcua-pair-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with mortal_postgres(folder) as primary:
            (folder / "standby").mkdir()
            if primary.user is not None:
                os.chown(folder / "standby", (primary.folder).stat().st_uid, -1)
            (folder / "standby").chmod(0o700)
            standby = primary.copy(folder / "standby")
            try:
                primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                # What a test writes can be read on the standby at once.
                primary.execute("ALTER SYSTEM SET synchronous_commit = remote_apply")
                primary.execute("SELECT pg_reload_conf()")
                wait_until(lambda: _is_synchronous(primary), seconds=30, what="a synchronous standby")
                yield primary, standby
            finally:
                if standby.is_running:
                    standby.stop("immediate")


def _is_synchronous(server: MortalPostgres) -> bool:
    with psycopg.connect(server.url) as connection:
        found = connection.execute("SELECT sync_state FROM pg_stat_replication").fetchall()
    return ("sync",) in found


def several(*servers: MortalPostgres) -> str:
    """Write the address of servers in the order in which they are tried."""
    hosts = ",".join(quote(str(server.folder), safe="") for server in servers)
    return f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"


def _looked_up(service: Service, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(f"{service.base_url}/verify/id-card", json=LOOKUP, headers=headers, timeout=40)


def test_lookups_are_refused_at_failover_until_the_promoted_standby_is_found(
    pair: tuple[MortalPostgres, MortalPostgres], tmp_path: Path
) -> None:
    primary, standby = pair
    anchor = tmp_path / "anchor"
    anchor.mkdir()
    settings = {
        "audit_timeout_seconds": "3",
        "audit_origin": "motcua.example/pair",
        "audit_anchor_directory": str(anchor),
    }
    with running_service(several(standby, primary), tmp_path, **settings) as service:
        token = service.token("receiver")
        answers = [_looked_up(service, token) for _ in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        primary.kill()
        refused = _looked_up(service, token)
        assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
        standby.promote()
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while (answer := _looked_up(service, token)).status_code != 200:
            assert answer.status_code == 503
            assert time.monotonic() < deadline, answer.text
        answers.append(answer)
    evidence = Evidence(standby.url)
    evidence.look()
    evidence.check_every_lookup_ended_once()
    told = {answer.json()["lookup_id"]: answer.json()["audit"]["sequence"] for answer in answers}
    assert evidence.lost_lookups(Ledger(lookups=told)) == []
    chosen = settings | {"database_url": standby.url, "key_file": f"{tmp_path}/keys.json"}
    status, word = verified(os.environ | {f"MOTCUA_{name.upper()}": value for name, value in chosen.items()})
    assert status == 0, word


@pytest.fixture
async def on_standby(pair: tuple[MortalPostgres, MortalPostgres]) -> AsyncIterator[Database]:
    primary, standby = pair
    migrate(primary.url)
    database = Database(standby.url)
    yield database
    await database.close()


@pytest.mark.anyio
async def test_a_standby_answers_nothing_however_it_was_reached(on_standby: Database) -> None:
    for transactions in (on_standby.read, on_standby.search):
        with pytest.raises(ServiceUnavailableError):
            async with transactions() as session:
                await session.execute(text("SELECT 1"))
    with pytest.raises(ServiceUnavailableError):
        async with on_standby.write() as session:
            await session.execute(text("UPDATE audit_head SET size = size"))
    for blocking in (on_standby.change, on_standby.append):
        with pytest.raises(ServiceUnavailableError):
            await blocking(lambda session: session.execute(text("UPDATE audit_head SET size = size")))


@pytest.mark.anyio
async def test_a_connection_to_a_server_that_stopped_writing_is_not_used_again(
    pair: tuple[MortalPostgres, MortalPostgres],
) -> None:
    primary, _ = pair
    migrate(primary.url)
    database = Database(primary.url)
    try:
        before = await _writer(database)
        await _read_only(primary, "on")
        with pytest.raises(ServiceUnavailableError):
            await _writer(database)
        await _read_only(primary, "off")
        assert await _writer(database) != before
    finally:
        await database.close()


@pytest.mark.anyio
async def test_a_change_whose_commit_waits_for_a_standby_is_refused_in_time_and_the_next_is_never_made(
    pair: tuple[MortalPostgres, MortalPostgres],
) -> None:
    primary, standby = pair
    migrate(primary.url)
    database = Database(primary.url, pool_size=1)
    try:
        standby.kill()
        async with asyncio.timeout(30):
            waiting = [asyncio.create_task(database.change(_grow)) for _ in range(2)]
            refused = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(outcome) for outcome in refused] == [ServiceUnavailableError] * 2
        await asyncio.to_thread(standby.start)
        assert await database.change(_grow) == 2
    finally:
        await database.close()


def _grow(session: BlockingSession) -> int:
    return int(
        session.execute(text("UPDATE case_change_head SET size = size + 1 RETURNING size")).scalar_one()
    )


async def _read_only(server: MortalPostgres, setting: str) -> None:
    server.execute(f"ALTER SYSTEM SET default_transaction_read_only = {setting}")
    server.execute("SELECT pg_reload_conf()")
    # Each of its processes reads the settings by itself.
    await asyncio.sleep(1)


async def _writer(database: Database) -> int:
    """Write something; tell which process of PostgreSQL did it."""
    async with database.write() as session:
        found = await session.execute(text("UPDATE audit_head SET size = size RETURNING pg_backend_pid()"))
        return int(found.scalar_one())
