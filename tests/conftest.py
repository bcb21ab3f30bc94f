"""Fixtures of all tests: real databases, migrated; a fixed clock; keys made for the run."""

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from pathlib import Path

import httpx
import pytest
import trustme
from hypothesis import settings
from sqlalchemy import Engine, event

from app.db.engine import Database
from app.db.migrate import migrate
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.logs import configure_logs
from app.services import passwords
from app.serving.memory import spare_the_collector
from tests.databases import PostgresCopies, copy_sqlite, make_postgres_folder, running_postgres

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""A Monday, noon in Vietnam: at work, in the lunch break."""

DATABASES = ("sqlite", "postgres")

# No test of ours is about time: a busy machine makes none fail.
settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def logs() -> StringIO:
    """Log as in production, at the lowest level, to where a test can read it."""
    stream = StringIO()
    configure_logs("debug", stream)
    return stream


@pytest.fixture(scope="session", autouse=True)
def true_cost() -> Iterator[tuple[int, int]]:
    """Hash passwords with little memory and in one pass; give what they cost outside of tests.

    Every service hashes when it begins and every log-in does, ten thousand times in a run.
    """
    cost = passwords.MEMORY_KIB, passwords.PASSES
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 8)
        patch.setattr(passwords, "PASSES", 1)
        yield cost


@pytest.fixture
def costly_hashes(true_cost: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as outside of tests."""
    memory_kib, passes = true_cost
    monkeypatch.setattr(passwords, "MEMORY_KIB", memory_kib)
    monkeypatch.setattr(passwords, "PASSES", passes)


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Keep httpx from reading the world's certificates for each request that is made without a client."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys.generate()


@pytest.fixture(scope="session")
def sealer(keys: Keys) -> Sealer:
    return Sealer(keys)


@pytest.fixture(scope="session")
def key_file(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write(path)
    return path


def pytest_configure(config: pytest.Config) -> None:
    # The processes that xdist starts inherit the folder.
    if not hasattr(config, "workerinput"):
        folder = make_postgres_folder(in_memory=True)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        # One that vouches for nobody, in place of the world's, which each service that starts would read.
        authority = folder / "authority.pem"
        trustme.CA().cert_pem.write_to_path(authority)
        os.environ["SSL_CERT_FILE"] = str(authority)


def pytest_collection_finish() -> None:
    # Thousands of tests are there to stay.
    spare_the_collector()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCopies]:
    with running_postgres(waits_for_disk=False) as url:
        yield PostgresCopies(url)


def close_sqlite(path: Path) -> None:
    """Fold the write-ahead log back into the file, so that copying the one file copies everything."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "migrated.db"
    migrate(f"sqlite:///{path}")
    close_sqlite(path)
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresCopies) -> Iterator[str]:
    name = postgres.create()
    migrate(postgres.url_of(name))
    yield name
    postgres.drop(name)


@pytest.fixture
def postgres_url(postgres: PostgresCopies, migrated_postgres: str) -> Iterator[str]:
    """Give a migrated, empty database on PostgreSQL, of the test's own."""
    name = postgres.create(template=migrated_postgres)
    yield postgres.url_of(name)
    postgres.drop(name)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a migrated, empty database of each kind, of the test's own."""
    if request.param == "sqlite":
        yield copy_sqlite(request.getfixturevalue("migrated_sqlite"), tmp_path)
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def on_postgres(postgres_url: str) -> AsyncIterator[Database]:
    """Give a database for what only PostgreSQL does."""
    database = Database(postgres_url)
    yield database
    await database.close()


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Collect what every database is asked."""
    asked: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    yield asked
    event.remove(Engine, "before_cursor_execute", listen)
