"""The database itself refuses to change the audit log, and the service's own role could not even try."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.engine import Database
from app.db.migrate import SchemaTooOldError, migrate
from app.db.roles import role_script
from app.db.tables import Base
from app.keys.sealing import Sealer
from tests.databases import PostgresCopies, copy_sqlite, sync_engine
from tests.unit.audit.events import make_intent, running_log

pytestmark = pytest.mark.anyio

GUARDED = ("audit_record", "audit_subject", "audit_node", "audit_checkpoint", "audit_head")
LOG_TABLES = (*GUARDED, "audit_data_key")

FORBIDDEN = (
    "UPDATE audit_record SET officer = 'other'",
    "UPDATE audit_record SET record = record",
    "DELETE FROM audit_record",
    "UPDATE audit_subject SET role = 'member'",
    "DELETE FROM audit_subject",
    "UPDATE audit_node SET level = 16",
    "DELETE FROM audit_node",
    "UPDATE audit_checkpoint SET note = ''",
    "DELETE FROM audit_checkpoint",
    "UPDATE audit_head SET size = size - 1",
    "DELETE FROM audit_head",
)
EMPTYING = tuple(f"TRUNCATE {table}" for table in GUARDED)
TAKING_OFF_THE_GUARD = (
    "DROP TRIGGER audit_record_is_kept ON audit_record",
    "ALTER TABLE audit_record DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "ALTER FUNCTION refuse_audit_change() RENAME TO allow_audit_change",
    "DROP TABLE audit_record",
    "UPDATE alembic_version SET version_num = '0004'",
    "CREATE TABLE other (id integer)",
    "UPDATE audit_data_key SET wrapped = NULL",
    "DELETE FROM audit_data_key",
    "TRUNCATE audit_data_key",
)


def refusal(url: str, statement: str) -> str:
    """Run a statement that must fail; return what the database says."""
    engine = sync_engine(url)
    try:
        with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
    return str(caught.value.orig)


def fill(url: str) -> None:
    """Put a row into the tables that one record leaves empty: SQLite's guards look at rows."""
    engine = sync_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO audit_node (level, position, hash) VALUES (8, 0, :hash)"), {"hash": bytes(32)}
        )
        connection.execute(
            text("INSERT INTO audit_checkpoint (size, root, note, made_at) VALUES (1, :root, 'x', :at)"),
            {"root": bytes(32), "at": "2026-11-23 05:00:00"},
        )
    engine.dispose()


@pytest.fixture
async def filled(database: Database, database_url: str, sealer: Sealer) -> str:
    async with running_log(database, sealer) as audit:
        await audit.append(make_intent())
    fill(database_url)
    return database_url


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_even_the_owner_must_take_a_guard_off_first(filled: str, statement: str) -> None:
    assert "the audit log is append-only" in refusal(filled, statement)


@pytest.mark.parametrize("table", GUARDED)
async def test_the_services_own_connections_replace_nothing(
    migrated_sqlite: Path, tmp_path: Path, sealer: Sealer, table: str
) -> None:
    # SQLite's REPLACE deletes without asking the guards, unless a connection says that it must.
    url = copy_sqlite(migrated_sqlite, tmp_path)
    database = Database(url)
    async with running_log(database, sealer) as audit:
        await audit.append(make_intent())
    fill(url)
    replacing = text(f"REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608 - names of our own

    async def by_coroutine() -> None:
        async with database.write() as session:
            await session.execute(replacing)

    for attempt in (
        by_coroutine(),
        database.change(lambda session: session.execute(replacing)),
        database.append(lambda connection: connection.execute(replacing)),
    ):
        with pytest.raises(DBAPIError, match="the audit log is append-only"):
            await attempt
    await database.close()


def test_no_table_of_the_log_is_forgotten() -> None:
    assert {name for name in Base.metadata.tables if name.startswith("audit_")} == set(LOG_TABLES)


@pytest.mark.parametrize("statement", EMPTYING)
async def test_even_the_owner_cannot_empty_a_table(
    postgres: PostgresCopies, migrated_postgres: str, statement: str
) -> None:
    name = postgres.create(template=migrated_postgres)
    try:
        assert "the audit log is append-only" in refusal(postgres.url_of(name), statement)
    finally:
        postgres.drop(name)


@dataclass
class Restricted:
    """A database as its owner and as the service see it."""

    owner_url: str
    url: str


@pytest.fixture(scope="module")
def restricted(postgres: PostgresCopies) -> Iterator[Restricted]:
    name = postgres.create()
    migrate(postgres.url_of(name))
    yield Restricted(postgres.url_of(name), postgres.restrict(name))
    postgres.drop(name)
    postgres.drop_role(name)


@pytest.mark.parametrize("statement", FORBIDDEN + EMPTYING + TAKING_OFF_THE_GUARD)
def test_the_service_may_not(restricted: Restricted, statement: str) -> None:
    told = refusal(restricted.url, statement)
    assert "permission denied" in told or "must be owner" in told or "append-only" in told


def test_the_service_may_append_to_the_log_and_work_with_all_other_tables(restricted: Restricted) -> None:
    with psycopg.connect(restricted.url) as connection:
        for table in (*Base.metadata.tables, "alembic_version"):
            found = connection.execute(
                "SELECT privilege_type FROM information_schema.role_table_grants "
                "WHERE table_name = %s AND grantee = current_user",
                (table,),
            ).fetchall()
            granted = {right for (right,) in found}
            if table == "alembic_version":
                assert granted == {"SELECT"}
            elif table == "audit_head":
                assert granted == {"SELECT", "UPDATE"}
            elif table in LOG_TABLES:
                assert granted == {"SELECT", "INSERT"}
            else:
                assert granted == {"SELECT", "INSERT", "UPDATE", "DELETE"}


def test_the_script_can_be_run_again_and_takes_back_what_was_granted_by_hand(
    postgres: PostgresCopies, restricted: Restricted
) -> None:
    name = restricted.owner_url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(restricted.owner_url, autocommit=True) as owner:
        owner.execute(f'GRANT ALL ON audit_record TO "{name}"')
        owner.execute(role_script(name, database_url=restricted.owner_url).encode())
    told = refusal(restricted.url, "DELETE FROM audit_record")
    assert "permission denied" in told
    assert postgres.url_of(name, role=name) == restricted.url


def test_the_service_starts_on_the_newest_schema_and_says_who_must_migrate_an_older_one(
    restricted: Restricted,
) -> None:
    migrate(restricted.url)
    with psycopg.connect(restricted.owner_url, autocommit=True) as owner:
        ((newest,),) = owner.execute("SELECT version_num FROM alembic_version").fetchall()
        owner.execute("UPDATE alembic_version SET version_num = '0004'")
        try:
            with pytest.raises(SchemaTooOldError, match="as the owner of the tables"):
                migrate(restricted.url)
        finally:
            owner.execute("UPDATE alembic_version SET version_num = %s", (newest,))


@pytest.mark.parametrize("role", ["", "Motcua", "a b", 'a"; DROP TABLE x; --', "1a", "a" * 64])
def test_a_role_with_another_kind_of_name_is_refused(role: str) -> None:
    with pytest.raises(ValueError, match="lower case"):
        role_script(role, database_url="postgresql://owner@localhost/motcua")
