"""The database: engines, transactions, and the one translation of its failures. No business rule."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from app.errors import ServiceUnavailableError

Session = AsyncSession
BlockingSession = OrmSession
Result = TypeVar("Result")

_BUSY_TIMEOUT_SECONDS: Final = 30
_RETRY_AFTER_SECONDS: Final = 2
_POSTGRES_OPTIONS: Final = (
    "-c timezone=UTC -c synchronous_commit=on -c lock_timeout=15s "
    "-c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"
)

_POSTGRES: Final[dict[str, Any]] = {
    "isolation_level": "READ COMMITTED",
    "max_overflow": 0,
    "pool_timeout": 10,
    "hide_parameters": True,
    "connect_args": {
        "options": _POSTGRES_OPTIONS,
        "connect_timeout": 5,
        # A server that vanished from the network is noticed in seconds, not in the system's hours.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
    },
}
# What is searched for decides the plan: half of all people have the commonest words, nobody has others. To
# call workers together takes longer than a page; a report over all cases is still worth it.
_POSTGRES_SEARCH: Final = _POSTGRES | {
    "connect_args": _POSTGRES["connect_args"]
    | {"options": f"{_POSTGRES_OPTIONS} -c plan_cache_mode=force_custom_plan -c parallel_setup_cost=20000"}
}
# While one append hangs on a server that is gone, the next can have its turn.
_APPENDERS: Final = 2


class Database:
    """Begins transactions for the services, each kind with connections of its own.

    `write` and `change` are for changes, `read` for questions that are quick, `search` for those that may
    take long, and `append` for the audit log's writer alone: however long the others take, it has its
    connection.

    On SQLite one transaction of a process writes at a time: the others wait in our queue, first come first
    served, while SQLite's own waiting is a lottery that starves some under load.
    """

    def __init__(self, url: str, *, pool_size: int = 4) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            write = _sqlite_engine(parsed, pool_size=1, begin="BEGIN IMMEDIATE")
            read, search = (_sqlite_engine(parsed, pool_size=pool_size, begin="BEGIN") for _ in range(2))
        else:
            write, read = (_postgres_engine(parsed, pool_size, _POSTGRES) for _ in range(2))
            search = _postgres_engine(parsed, pool_size, _POSTGRES_SEARCH)
        self._engines = (write, read, search)
        self._append_engine = _append_engine(parsed)
        self._appenders = ThreadPoolExecutor(1 if self.is_sqlite else _APPENDERS, thread_name_prefix="append")
        # On SQLite there is one who writes at a time, and one connection for it.
        self._change_engine = self._append_engine if self.is_sqlite else _change_engine(parsed, pool_size)
        self._changers = ThreadPoolExecutor(1 if self.is_sqlite else pool_size, thread_name_prefix="change")
        self._change_sessions = sessionmaker(self._change_engine, expire_on_commit=False)
        self._writing = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._write_sessions = async_sessionmaker(write, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(read, expire_on_commit=False)
        self._search_sessions = async_sessionmaker(search, expire_on_commit=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """Begin a transaction: committed on clean exit, rolled back on error.

        Raises:
            ServiceUnavailableError: the database cannot be reached or is too busy.
        """
        async with self._writing, _transaction(self._write_sessions) as session:
            yield session

    def read(self) -> AbstractAsyncContextManager[Session]:
        """Begin a transaction that only reads, by keys; the same errors as `write`."""
        return _transaction(self._read_sessions)

    def search(self) -> AbstractAsyncContextManager[Session]:
        """Begin a transaction that only reads and may take long; the same errors as `write`."""
        return _transaction(self._search_sessions)

    async def change(self, work: Callable[[BlockingSession], Result]) -> Result:
        """Run `work` in a transaction that ends with it; the same errors as `write`.

        In a thread, as `append`, for changes of many small steps; `work` must wait for nothing else. A
        caller that is cancelled does not end it.
        """
        with _translated_failures():
            async with self._writing:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._changers, self._changed, work)

    def _changed(self, work: Callable[[BlockingSession], Result]) -> Result:
        with self._change_sessions.begin() as session:
            with _connecting():
                session.connection()
            return work(session)

    async def append(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction that ends with it; the same errors as `write`.

        In a thread, so that its many small steps cost the event loop one: this is on every lookup's path.
        A caller that is cancelled does not end it.
        """
        with _translated_failures():
            async with self._writing:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._appenders, self._transact, work)

    def _transact(self, work: Callable[[Connection], Result]) -> Result:
        with _connecting():
            connection = self._append_engine.connect()
        with connection, connection.begin():
            return work(connection)

    async def close(self) -> None:
        """Close all connections; an append that hangs has the time that the database's time-outs give it."""
        for threads in (self._changers, self._appenders):
            await asyncio.to_thread(threads.shutdown)
        for engine in (self._change_engine, self._append_engine):
            engine.dispose()
        for asynchronous in self._engines:
            await asynchronous.dispose()


@asynccontextmanager
async def _transaction(sessions: async_sessionmaker[Session]) -> AsyncIterator[Session]:
    with _translated_failures():
        async with sessions.begin() as session:
            with _connecting():
                await session.connection()
            yield session


@contextmanager
def _connecting() -> Iterator[None]:
    """Take an OSError of the way to the database for its failure; one from anywhere else is none."""
    try:
        yield
    except OSError as exc:
        raise ServiceUnavailableError(retry_after_seconds=_RETRY_AFTER_SECONDS) from exc


@contextmanager
def _translated_failures() -> Iterator[None]:
    """Tell a failing database from a wrong statement, which is a bug, and from a broken constraint."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, PoolTimeoutError) as exc:
        raise ServiceUnavailableError(retry_after_seconds=_RETRY_AFTER_SECONDS) from exc
    except DBAPIError as exc:
        if not exc.connection_invalidated:
            raise
        raise ServiceUnavailableError(retry_after_seconds=_RETRY_AFTER_SECONDS) from exc


def _postgres_engine(url: URL, pool_size: int, options: dict[str, Any]) -> AsyncEngine:
    return create_async_engine(_with_psycopg(url), pool_size=pool_size, pool_pre_ping=True, **options)


def _change_engine(url: URL, pool_size: int) -> Engine:
    return create_engine(_with_psycopg(url), pool_size=pool_size, pool_pre_ping=True, **_POSTGRES)


def _append_engine(url: URL) -> Engine:
    """Make the engine of the audit log's writer, which tries again by itself and so pings nothing before."""
    if url.get_backend_name() != "sqlite":
        return create_engine(_with_psycopg(url), pool_size=_APPENDERS, **_POSTGRES)
    engine = create_engine(url, pool_size=1, **_SQLITE)
    _configure_sqlite(engine, begin="BEGIN IMMEDIATE")
    return engine


def _with_psycopg(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg")


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
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), pool_size=pool_size, **_SQLITE)
    _configure_sqlite(engine.sync_engine, begin=begin)
    return engine


_SQLITE: Final[dict[str, Any]] = {
    "max_overflow": 0,
    "pool_timeout": _BUSY_TIMEOUT_SECONDS,
    "hide_parameters": True,
    "connect_args": {"timeout": _BUSY_TIMEOUT_SECONDS, "factory": _SqliteConnection},
}


def _configure_sqlite(engine: Engine, *, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        # The driver's own idea of when a transaction begins is switched off: we begin it ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        # Without recursive triggers a REPLACE would take rows of the audit log away past their guards.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes finds too late that another one wrote first;
        # taking the write lock at once makes writers wait instead of fail.
        connection.exec_driver_sql(begin)
