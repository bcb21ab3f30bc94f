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
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from app.db.address import driver_address, parsed_address
from app.db.postgres import Pooler, appending_engine, changing_engine, reading_engine, writing_engine
from app.errors import ServiceUnavailableError

Session = AsyncSession
BlockingSession = OrmSession
Result = TypeVar("Result")

_BUSY_TIMEOUT_SECONDS: Final = 30
_RETRY_AFTER_SECONDS: Final = 2
# Its statements have time-outs of the database's, its COMMIT has none.
_CHANGE_SECONDS: Final = 15
# While one append hangs on a server that is gone, the next can have its turn.
_APPENDERS: Final = 2


class Database:
    """Begins transactions for the services, each kind with connections of its own.

    `write` and `change` are for changes, `read` for questions that are quick, `search` for those that may
    take long, and `append` for the audit log's writer alone: however long the others take, it has its
    connection. `pooler` says whether PgBouncer stands before PostgreSQL and hands connections out by the
    transaction.

    On SQLite one transaction of a process writes at a time: the others wait in our queue, first come first
    served, while SQLite's own waiting is a lottery that starves some under load.
    """

    def __init__(self, url: str, *, pool_size: int = 4, pooler: Pooler = "none") -> None:
        parsed = parsed_address(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            write = _sqlite_engine(parsed, pool_size=1, begin="BEGIN IMMEDIATE")
            read, search = (_sqlite_engine(parsed, pool_size=pool_size, begin="BEGIN") for _ in range(2))
        else:
            parsed = driver_address(url)
            write = writing_engine(parsed, pool_size=pool_size, pooler=pooler)
            read, search = (
                reading_engine(parsed, pool_size=pool_size, pooler=pooler, is_for_search=is_for_search)
                for is_for_search in (False, True)
            )
        self._engines = (write, read, search)
        self._append_engine = _append_engine(parsed, pooler)
        self._appenders = ThreadPoolExecutor(1 if self.is_sqlite else _APPENDERS, thread_name_prefix="append")
        # On SQLite there is one who writes at a time, and one connection for it.
        self._change_engine = (
            self._append_engine
            if self.is_sqlite
            else changing_engine(parsed, pool_size=pool_size, pooler=pooler)
        )
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
        caller that is cancelled does not end it, but what has not begun by then is never done.

        Raises:
            ServiceUnavailableError: also if a commit waits too long, as for a synchronous standby that is
                away. It may be made all the same.
        """
        with _translated_failures():
            async with self._writing:
                loop = asyncio.get_running_loop()
                try:
                    async with asyncio.timeout(_CHANGE_SECONDS) as limit:
                        return await loop.run_in_executor(self._changers, self._changed, work)
                except TimeoutError as exc:
                    if not limit.expired():
                        raise
                    raise ServiceUnavailableError(retry_after_seconds=_RETRY_AFTER_SECONDS) from exc

    def _changed(self, work: Callable[[BlockingSession], Result]) -> Result:
        with self._change_sessions.begin() as session:
            with _connecting():
                session.connection()
            return work(session)

    async def append(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction that ends with it; the same errors as `write`.

        In a thread, so that its many small steps cost the event loop one: this is on every lookup's path.
        A caller that is cancelled does not end it, but what has not begun by then is never done.
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
    """Take an OSError of the way to the database for its failure; one from anywhere else is not."""
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


def _append_engine(url: URL, pooler: Pooler) -> Engine:
    """Make the engine of the audit log's writer, which tries again by itself and so pings nothing before."""
    if url.get_backend_name() != "sqlite":
        return appending_engine(url, pool_size=_APPENDERS, pooler=pooler)
    engine = create_engine(url, pool_size=1, **_SQLITE)
    _configure_sqlite(engine, begin="BEGIN IMMEDIATE")
    return engine


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
