"""Data keys by agency and month: made once, destroyed alone, and the tree knows nothing of it."""

import asyncio
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, table, text

from app.db.audit_scan import opened_scan
from app.db.destroyed_keys import KeysStillThereError, wipe_destroyed_keys
from app.db.engine import Database
from app.domain.audit_event import AuditEvent
from app.errors import AuditUnavailableError
from app.keys.key_file import Keys
from app.keys.sealing import SealBrokenError, Sealer
from app.services.audit_data_keys import AuditDataKeys
from app.services.audit_log import AuditLog
from app.services.audit_verification import verify_log
from app.services.data_key_destruction import DESTROYED, DestructionRefusedError, destroy_data_keys
from app.services.operator_audit import OperatorAuditLog
from tests.conftest import NOON
from tests.databases import PostgresCopies, sync_engine
from tests.processes import motcua
from tests.unit.audit.checkpointing import KEYS, ORIGIN, Notary
from tests.unit.audit.events import NUMBER, content_of, make_intent, make_outcome, rows_of, running_log

pytestmark = pytest.mark.anyio

OCTOBER = datetime(2026, 10, 31, 16, 59, tzinfo=UTC)
"""The last minute of the month in Vietnam."""


async def kept_keys(database: Database) -> list[tuple[str, str, bool]]:
    async with database.read() as session:
        found = await session.execute(
            text("SELECT agency, month, wrapped IS NOT NULL FROM audit_data_key ORDER BY agency, month")
        )
        return [(agency, month, bool(is_there)) for agency, month, is_there in found]


async def number_in(log: AuditLog, database: Database, event: AuditEvent) -> str | None:
    """Open the number that the record of an event holds, if its key is still there."""
    (row,) = [row for row in await rows_of(database) if row.event_id == event.event_id]
    seal = await log.data_keys.to_open(event.agency, event.at)
    if seal is None:
        return None
    sealed = b64decode(content_of(row)["subjects"][0]["sealed"])
    return seal.unseal(sealed, place=f"audit:{event.event_id}:0").decode()


async def destroy(database: Database, sealer: Sealer, month: str, **options: object) -> int:
    chosen = {"agency": None, "and_before": False} | options
    return await destroy_data_keys(
        month=month,
        database=database,
        audit=OperatorAuditLog(database, sealer, lambda: NOON, made_by="cli:operator"),
        clock=lambda: NOON,
        **chosen,  # type: ignore[arg-type] # the two above, of their own types
    )


def run_command(database_url: str, key_file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return motcua(
        "keys", "destroy-data-keys", *arguments, said="n\n", database_url=database_url, key_file=str(key_file)
    )


async def wrapped_keys(database: Database) -> list[bytes]:
    async with database.read() as session:
        found = await session.scalars(text("SELECT wrapped FROM audit_data_key ORDER BY month, agency"))
        return [bytes(key) for key in found]


def files_of(database_url: str) -> bytes:
    """Read what is on the disk of the keys' table, as somebody who took the disk away."""
    if database_url.startswith("sqlite"):
        path = database_url.removeprefix("sqlite:///")
        log = Path(f"{path}-wal")
        return Path(path).read_bytes() + (log.read_bytes() if log.exists() else b"")
    engine = sync_engine(database_url)
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        found = connection.scalar(text("SELECT pg_read_binary_file(pg_relation_filepath('audit_data_key'))"))
    engine.dispose()
    assert isinstance(found, bytes)
    return found


@contextmanager
def reading(database_url: str, name: str) -> Iterator[None]:
    """Be somebody who has begun to read a table and does not end, as a backup."""
    engine = sync_engine(database_url).execution_options(isolation_level="SERIALIZABLE")
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # The driver itself begins with the first change alone.
            connection.exec_driver_sql("BEGIN")
        connection.execute(select(func.count()).select_from(table(name)))
        yield
    engine.dispose()


async def test_each_agency_and_month_has_a_key_of_its_own(log: AuditLog, database: Database) -> None:
    events = [
        make_intent(at=OCTOBER),
        make_intent(at=NOON),
        make_intent(at=NOON),
        make_intent(at=NOON, agency="H24.16"),
    ]
    for event in events:
        await log.append(event)
    assert await kept_keys(database) == [
        ("H24.15", "2026-10", True),
        ("H24.15", "2026-11", True),
        ("H24.16", "2026-11", True),
    ]
    for event in events:
        assert await number_in(log, database, event) == NUMBER
    other = await log.data_keys.to_open("H24.16", NOON)
    (first,) = [row for row in await rows_of(database) if row.event_id == events[1].event_id]
    sealed = b64decode(content_of(first)["subjects"][0]["sealed"])
    assert other is not None
    with pytest.raises(SealBrokenError):
        other.unseal(sealed, place=f"audit:{events[1].event_id}:0")


async def test_many_first_lookups_in_several_processes_make_one_key(
    database_url: str, database: Database, sealer: Sealer
) -> None:
    others = [Database(database_url) for _ in range(2)]
    event = make_intent()
    async with running_log(others[0], sealer) as one, running_log(others[1], sealer) as two:
        events = [make_intent() for _ in range(50)]
        await asyncio.gather(*((one, two)[place % 2].append(event) for place, event in enumerate(events)))
        assert await kept_keys(database) == [("H24.15", "2026-11", True)]
        for event in events:
            assert await number_in(one, database, event) == NUMBER
    for other in others:
        await other.close()


async def test_a_known_key_costs_no_question(log: AuditLog, database: Database) -> None:
    await log.append(make_intent())
    async with database.write() as session:
        await session.execute(text("DELETE FROM audit_data_key"))
    await log.append(make_intent())
    assert await kept_keys(database) == []


async def test_a_record_about_nobody_needs_no_key(log: AuditLog, database: Database) -> None:
    await log.append(make_intent(subjects=(), purpose=None))
    assert await kept_keys(database) == []


async def test_a_record_with_a_person_is_not_appended_within_another_transaction(
    log: AuditLog, database: Database
) -> None:
    async with database.write() as session:
        with pytest.raises(ValueError, match="no key"):
            await log.append_within(session, make_intent())


async def test_a_key_wrapped_by_another_master_key_opens_nothing(log: AuditLog, database: Database) -> None:
    await log.append(make_intent())
    stranger = AuditDataKeys(database, Sealer(Keys.generate()))
    with pytest.raises(SealBrokenError):
        await stranger.to_open("H24.15", NOON)


async def test_a_wrapped_key_cannot_be_given_to_another_agency(log: AuditLog, database: Database) -> None:
    await log.append(make_intent())
    async with database.write() as session:
        await session.execute(text("UPDATE audit_data_key SET agency = 'H24.16'"))
    with pytest.raises(SealBrokenError):
        await log.data_keys.to_open("H24.16", NOON)


async def test_a_destroyed_key_takes_its_numbers_along_and_leaves_the_log_sound(
    log: AuditLog, database: Database, sealer: Sealer, database_url: str, tmp_path: Path
) -> None:
    notary = Notary(database, tmp_path / "anchor")
    old, new = make_intent(at=OCTOBER), make_intent(at=NOON)
    for intent in (old, new):
        await log.append(intent)
        await log.append(make_outcome(intent))
    await notary.checkpoints.make()
    assert await destroy(database, sealer, "2026-10") == 1
    assert await kept_keys(database) == [("H24.15", "2026-10", False), ("H24.15", "2026-11", True)]
    assert await number_in(log, database, old) is None
    assert await number_in(log, database, new) == NUMBER
    await notary.checkpoints.make()
    with opened_scan(database_url) as scan:
        assert verify_log(scan, list, origin=ORIGIN, public_keys=KEYS.public_keys, now=NOON).is_sound


async def test_the_log_says_which_keys_were_destroyed(
    log: AuditLog, database: Database, sealer: Sealer
) -> None:
    await log.append(make_intent(at=OCTOBER))
    assert await destroy(database, sealer, "2026-10", agency="H24.15") == 1
    last = (await rows_of(database))[-1]
    assert (last.kind, last.result, last.agency) == ("CHANGE", DESTROYED, "H24.15")
    assert content_of(last)["details"] == {
        "month": "2026-10",
        "and_before": "false",
        "of": "H24.15",
        "keys": 1,
        "made_by": "cli:operator",
    }
    assert await destroy(database, sealer, "2026-10") == 0
    assert (await rows_of(database))[-1].sequence == last.sequence


async def test_other_agencies_and_months_keep_their_keys(
    log: AuditLog, database: Database, sealer: Sealer
) -> None:
    for agency in ("H24.15", "H24.16"):
        for month in (8, 9, 10):
            await log.append(make_intent(agency=agency, at=datetime(2026, month, 5, tzinfo=UTC)))
    assert await destroy(database, sealer, "2026-09", agency="H24.16") == 1
    assert await destroy(database, sealer, "2026-09", and_before=True) == 3
    assert [key for key in await kept_keys(database) if key[2]] == [
        ("H24.15", "2026-10", True),
        ("H24.16", "2026-10", True),
    ]


@pytest.mark.parametrize("month", ["2026-11", "2026-12", "2027-01"])
async def test_a_month_that_has_not_ended_keeps_its_key(
    log: AuditLog, database: Database, sealer: Sealer, month: str
) -> None:
    await log.append(make_intent())
    with pytest.raises(DestructionRefusedError, match="has not ended"):
        await destroy(database, sealer, month)
    assert await kept_keys(database) == [("H24.15", "2026-11", True)]


async def test_nothing_is_sealed_under_a_destroyed_key(
    log: AuditLog, database: Database, sealer: Sealer
) -> None:
    await log.append(make_intent(at=OCTOBER))
    await destroy(database, sealer, "2026-10")
    async with running_log(database, sealer) as another:
        with pytest.raises(AuditUnavailableError):
            await another.append(make_intent(at=OCTOBER))
    assert await kept_keys(database) == [("H24.15", "2026-10", False)]


async def test_the_role_that_serves_may_make_keys_and_destroy_none(
    postgres: PostgresCopies, migrated_postgres: str, sealer: Sealer
) -> None:
    name = postgres.create(template=migrated_postgres)
    database = Database(postgres.restrict(name))
    try:
        async with running_log(database, sealer) as log:
            await log.append(make_intent(at=OCTOBER))
            with pytest.raises(DestructionRefusedError, match="as the tables' owner"):
                await destroy(database, sealer, "2026-10")
            assert await kept_keys(database) == [("H24.15", "2026-10", True)]
    finally:
        await database.close()
        postgres.drop(name)
        postgres.drop_role(name)


async def test_the_command_destroys_and_says_how_many(
    log: AuditLog, database: Database, database_url: str, key_file: Path
) -> None:
    await log.append(make_intent(at=datetime(2025, 10, 1, tzinfo=UTC)))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_command(database_url, key_file, *arguments)

    assert run("--month", "2025-13", "--yes").returncode == 2
    assert run("--month", "2025-10").returncode == 1
    done = run("--month", "2025-10", "--yes")
    assert (done.returncode, done.stdout, done.stderr) == (0, "destroyed 1 keys\n", "")
    refused = run("--month", "2100-01", "--yes")
    assert refused.returncode == 2
    assert "has not ended" in refused.stderr
    assert await kept_keys(database) == [("H24.15", "2025-10", False)]


async def test_a_destroyed_key_stays_in_no_file(
    log: AuditLog, database: Database, sealer: Sealer, database_url: str, key_file: Path
) -> None:
    for agency in range(100):
        await log.append(make_intent(agency=f"H24.{agency}", at=datetime(2025, 10, 1, tzinfo=UTC)))
    await log.append(make_intent())
    *old, new = await wrapped_keys(database)
    assert all(key in files_of(database_url) for key in (*old, new))
    assert await destroy(database, sealer, "2025-10") == 100
    assert any(key in files_of(database_url) for key in old)
    # Nothing is left to destroy, as when the command was cut off before.
    done = run_command(database_url, key_file, "--month", "2025-10", "--yes")
    assert (done.returncode, done.stdout, done.stderr) == (0, "destroyed 0 keys\n", "")
    left = files_of(database_url)
    assert [key for key in old if key in left] == []
    assert new in left


@pytest.mark.parametrize("name", ["audit_data_key", "audit_head"])
async def test_the_command_says_that_somebody_keeps_destroyed_keys_in_the_files(
    sealer: Sealer, database: Database, database_url: str, key_file: Path, name: str
) -> None:
    async with running_log(database, sealer) as log:
        await log.append(make_intent(at=datetime(2025, 10, 1, tzinfo=UTC)))
    (key,) = await wrapped_keys(database)
    with reading(database_url, name):
        done = run_command(database_url, key_file, "--month", "2025-10", "--yes")
        assert (done.returncode, done.stdout) == (1, "destroyed 1 keys\n")
        assert "somebody has been reading for long" in done.stderr
        assert key in files_of(database_url)
    assert run_command(database_url, key_file, "--month", "2025-10", "--yes").returncode == 0
    assert key not in files_of(database_url)


async def test_who_owns_no_table_hears_that_nothing_was_taken_away(
    postgres: PostgresCopies, migrated_postgres: str
) -> None:
    name = postgres.create(template=migrated_postgres)
    try:
        with pytest.raises(KeysStillThereError, match="does not own"):
            wipe_destroyed_keys(postgres.restrict(name))
    finally:
        postgres.drop(name)
        postgres.drop_role(name)
