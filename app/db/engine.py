"""The database: engines, transactions, and the one translation of its failures. No business rule."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from app.errors import ServiceUnavailableError

Session = AsyncSession

_BUSY_TIMEOUT_SECONDS: Final = 30
_POSTGRES_OPTIONS: Final = (
    "-c timezone=UTC -c synchronous_commit=on -c lock_timeout=15s "
    "-c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
)


class Database:
    """Begins transactions for the services: `write` for changes, `read` for questions.

    On SQLite all writers of a process share one connection: they wait in our queue, first come first
    served, while SQLite's own waiting is a lottery that starves some under load.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._write_engine = _sqlite_engine(parsed, pool_size=1, begin="BEGIN IMMEDIATE")
            self._read_engine = _sqlite_engine(parsed, pool_size=4, begin="BEGIN")
        else:
            self._write_engine = self._read_engine = _postgres_engine(parsed, pool_size)
        self._write_sessions = async_sessionmaker(self._write_engine, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(self._read_engine, expire_on_commit=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """Begin a transaction: committed on clean exit, rolled back on error.

        Raises:
            ServiceUnavailableError: the database cannot be reached or is too busy.
        """
        with _translated_failures():
            async with self._write_sessions.begin() as session:
                yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """Begin a transaction that only reads; the same errors as `write`."""
        with _translated_failures():
            async with self._read_sessions.begin() as session:
                yield session

    async def close(self) -> None:
        """Close all connections."""
        await self._write_engine.dispose()
        await self._read_engine.dispose()


@contextmanager
def _translated_failures() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        # A broken constraint is news for the repository that caused it, not a failing database.
        raise
    except (DBAPIError, PoolTimeoutError, OSError) as exc:
        raise ServiceUnavailableError(retry_after_seconds=2) from exc


def _postgres_engine(url: URL, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "options": _POSTGRES_OPTIONS,
            "connect_timeout": 5,
            # A server that vanished from the network is noticed in seconds, not in the system's hours.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
        },
    )


class _SqliteConnection(sqlite3.Connection):
    """Ends its transaction when it is closed.

    SQLite keeps a closed connection alive, and its lock with it, while anyone still refers to a statement
    that was not read to its end, as the traceback of a cancelled task does.
    """

    def close(self) -> None:
        """Roll back and close."""
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def _sqlite_engine(url: URL, *, pool_size: int, begin: str) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_BUSY_TIMEOUT_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": _BUSY_TIMEOUT_SECONDS, "factory": _SqliteConnection},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        # The driver's own idea of when a transaction begins is switched off: we begin it ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401 - as above
        # A deferred transaction that reads and then writes finds too late that another one wrote first;
        # taking the write lock at once makes writers wait instead of fail.
        connection.exec_driver_sql(begin)

    return engine
