"""A log that was begun in one piece becomes the first partition, untouched; and all of it comes back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from alembic import command

from app.db.audit_partitions import begin_month
from app.db.migrate import alembic_config, migrate
from tests.databases import PostgresCopies

RECORDS = 500
INSERT = (
    "INSERT INTO audit_record (sequence, event_id, leaf_hash, record, kind, at, closes) "
    "VALUES (%s, %s, %s, '{}', 'LOGIN', %s, %s)"
)


@pytest.fixture
def whole(postgres: PostgresCopies) -> Iterator[tuple[str, str]]:
    """Give a database of before, whose log has records, and the name of the role that serves."""
    name = postgres.create()
    url = postgres.url_of(name)
    migrate(url)
    command.downgrade(alembic_config(url), "0016")
    postgres.restrict(name)
    append(url, 0)
    yield url, name
    postgres.drop(name)
    postgres.drop_role(name)


def append(url: str, since: int) -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    rows = [(n, UUID(int=n), bytes(32), at, UUID(int=n)) for n in range(since, since + RECORDS)]
    with psycopg.connect(url) as connection:
        connection.cursor().executemany(INSERT, rows)


def asked(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(question.encode()).fetchall()


FILE = "SELECT pg_relation_filenode({}::regclass)"
SEQUENCES = "SELECT sequence, event_id FROM audit_record ORDER BY sequence"
RIGHTS = (
    "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
    "WHERE grantee = '{}' AND table_name LIKE 'audit_record%' ORDER BY 2"
)
GUARDS = (
    "SELECT tgname, tgtype FROM pg_trigger WHERE tgrelid = 'audit_record'::regclass AND NOT tgisinternal "
    "ORDER BY tgname"
)
INDEXES = (
    "SELECT replace(indexdef, ' ONLY', '') FROM pg_indexes WHERE tablename = 'audit_record' "
    "AND indexname NOT LIKE 'uq%' ORDER BY indexname"
)
UNIQUE = (
    "SELECT conname FROM pg_constraint WHERE contype = 'u' AND conrelid::regclass::text LIKE 'audit_record%' "
    "ORDER BY conname"
)


def test_the_records_that_are_there_become_the_first_partition_as_they_are(whole: tuple[str, str]) -> None:
    url, role = whole
    looked_at = (SEQUENCES, RIGHTS.format(role), GUARDS, INDEXES)
    before = [asked(url, question) for question in looked_at]
    ((stored_in,),) = asked(url, FILE.format("'audit_record'"))
    migrate(url)
    assert [asked(url, question) for question in looked_at] == before
    ((name,),) = asked(url, "SELECT DISTINCT tableoid::regclass::text FROM audit_record")
    assert asked(url, FILE.format(f"'{name}'")) == [(stored_in,)]
    assert asked(url, UNIQUE) == [(f"uq_{name}_closes",), (f"uq_{name}_event_id",)]
    command.check(alembic_config(url))


def test_later_partitions_are_folded_back(whole: tuple[str, str]) -> None:
    url, role = whole
    looked_at = (SEQUENCES, RIGHTS.format(role), GUARDS, INDEXES, UNIQUE)
    append(url, RECORDS)
    before = [asked(url, question) for question in looked_at]
    ((stored_in,),) = asked(url, FILE.format("'audit_record'"))
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM audit_record WHERE sequence >= %s", (RECORDS,))
    migrate(url)
    assert begin_month(url, datetime(2100, 1, 2, tzinfo=UTC)) is not None
    append(url, RECORDS)
    command.check(alembic_config(url))
    command.downgrade(alembic_config(url), "0016")
    assert [asked(url, question) for question in looked_at] == before
    assert asked(url, FILE.format("'audit_record'")) == [(stored_in,)]
