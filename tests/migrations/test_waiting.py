"""Migrations that wait for those of another host are in nobody's way."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy.exc import OperationalError

from app.db.migrate import DatabaseUnreadyError, alembic_config, migrate
from tests.databases import PostgresCopies

_WAITING = (
    "SELECT 1 FROM pg_stat_activity "
    "WHERE datname = %s AND query LIKE '%%advisory%%' AND pid NOT IN (%s, pg_backend_pid())"
)


def test_whoever_waits_for_a_migration_holds_up_no_index(postgres: PostgresCopies) -> None:
    name = postgres.create()
    url = postgres.url_of(name)
    migrate(url)
    with (
        ThreadPoolExecutor() as threads,
        psycopg.connect(url) as first,
        psycopg.connect(url, autocommit=True) as beside,
    ):
        first.execute("SELECT pg_try_advisory_xact_lock(4174230001)")
        waiting = threads.submit(migrate, url)
        while beside.execute(_WAITING, (name, first.info.backend_pid)).fetchone() is None:
            assert not waiting.done()
            time.sleep(0.01)
        beside.execute("SET statement_timeout = '20s'")
        # Waits for all statements that are under way.
        beside.execute("CREATE INDEX CONCURRENTLY later ON case_file (received_at)")
        assert not waiting.done()
        first.rollback()
        assert waiting.result(30) is False
    postgres.drop(name)


def test_a_lock_that_somebody_keeps_is_told_and_nothing_is_changed(postgres: PostgresCopies) -> None:
    name = postgres.create()
    url = postgres.url_of(name)
    migrate(url)
    with psycopg.connect(url) as keeper:
        keeper.execute("UPDATE alembic_version SET version_num = '0016'")
        keeper.commit()
        # 0017 would divide this table, which it is already: it must not get past this lock.
        keeper.execute("LOCK TABLE audit_record IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseUnreadyError, match="keeps a lock"):
            migrate(url)
    with psycopg.connect(url) as beside:
        assert beside.execute("SELECT version_num FROM alembic_version").fetchone() == ("0016",)
    postgres.drop(name)


def test_what_was_migrated_before_a_lock_that_somebody_keeps_stays(postgres: PostgresCopies) -> None:
    name = postgres.create()
    url = postgres.url_of(name)
    command.upgrade(alembic_config(url), "0016")
    with psycopg.connect(url) as keeper:
        # 0018 adds a column to this table; 0017 divides another one.
        keeper.execute("LOCK TABLE officer IN ACCESS SHARE MODE")
        with pytest.raises(DatabaseUnreadyError, match="keeps a lock"):
            migrate(url)
        with psycopg.connect(url) as beside:
            assert beside.execute("SELECT version_num FROM alembic_version").fetchone() == ("0017",)
            # Nobody waits for the first any more while the second waits for its own.
            beside.execute("LOCK TABLE audit_record IN ACCESS EXCLUSIVE MODE NOWAIT")
    assert migrate(url) is False
    postgres.drop(name)


def test_a_statement_that_never_works_is_no_busy_database(tmp_path: Path) -> None:
    path = tmp_path / "service.db"
    with closing(sqlite3.connect(path)) as somebody:
        somebody.execute("CREATE TABLE officer (name TEXT)")
    with pytest.raises(OperationalError, match="already exists"):
        migrate(f"sqlite:///{path}")


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "service.db").mkdir()
    with pytest.raises(DatabaseUnreadyError, match="unable to open"):
        migrate(f"sqlite:///{tmp_path}/service.db")
