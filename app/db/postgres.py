"""Engines of PostgreSQL: how sessions are set, with a pooler or without, and which servers will not do."""

from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from app.db.pipelined import keep_pipelined
from app.db.together import answer_together

Pooler = Literal["none", "transaction"]

SESSION: Final = {
    "timezone": "UTC",
    "synchronous_commit": "on",
    "lock_timeout": "15s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
}
# What is searched for decides the plan: half of all people have the commonest words, nobody has others. To
# call workers together takes longer than a page; a report over all cases is still worth it.
_SEARCHING: Final = SESSION | {"plan_cache_mode": "force_custom_plan", "parallel_setup_cost": "20000"}
# A server that vanished from the network is noticed in seconds, not in the system's hours.
_CONNECTING: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
# PostgreSQL's codes (SQLSTATE) for a change, and for a transaction that might bring one, on a server that
# only reads. The second also tells of a prepared statement whose table was migrated meanwhile; a new
# connection cures both.
_UNFIT: Final = frozenset({"25006", "0A000"})


def writing_engine(url: URL, *, pool_size: int, pooler: Pooler) -> AsyncEngine:
    """Make an engine that changes."""
    engine = create_async_engine(url, pool_pre_ping=True, **_options(SESSION, pool_size, pooler))
    _leave_standbys(engine.sync_engine)
    return engine


def reading_engine(url: URL, *, pool_size: int, pooler: Pooler, is_for_search: bool) -> AsyncEngine:
    """Make an engine that reads, from a server that writes.

    A standby may be behind; its answer would be an old one. Each transaction says that it might write, which
    a standby refuses.
    """
    session = _SEARCHING if is_for_search else SESSION
    engine = create_async_engine(url, pool_pre_ping=True, **_options(session, pool_size, pooler))
    _leave_standbys(engine.sync_engine)

    @event.listens_for(engine.sync_engine, "connect")
    def _say_that_it_might_write(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        connection.set_read_only(False)

    return engine


def changing_engine(url: URL, *, pool_size: int, pooler: Pooler) -> Engine:
    """Make an engine for threads that change; it notices a lost connection before it is used."""
    engine = create_engine(url, pool_pre_ping=True, **_options(SESSION, pool_size, pooler))
    _leave_standbys(engine)
    answer_together(engine)
    return engine


def appending_engine(url: URL, *, pool_size: int, pooler: Pooler) -> Engine:
    """Make an engine for the threads of who appends, and tries again: a lost connection is noticed in use."""
    engine = create_engine(url, **_options(SESSION, pool_size, pooler))
    _leave_standbys(engine)
    keep_pipelined(engine)
    return engine


def vacuuming_engine(url: URL, *, pooler: Pooler) -> Engine:
    """Make an engine for statements that no transaction may hold, and for whose lock nobody waits long."""
    session = SESSION | {"lock_timeout": "5s"}
    return create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=_CONNECTING | _sessions(session, pooler),
    )


def wait_little(connection: Connection) -> None:
    """Let a transaction of the tables' owner give up soon what cannot get its lock, but work for long.

    The whole city would wait behind it.
    """
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _options(session: dict[str, str], pool_size: int, pooler: Pooler) -> dict[str, Any]:
    return {
        "isolation_level": "READ COMMITTED",
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": 10,
        "hide_parameters": True,
        "connect_args": _CONNECTING | _sessions(session, pooler),
    }


def _sessions(session: dict[str, str], pooler: Pooler) -> dict[str, Any]:
    if pooler == "transaction":
        # The next transaction may be on another connection, where nothing is prepared or set.
        return {"prepare_threshold": None}
    return {"options": " ".join(f"-c {name}={value}" for name, value in session.items())}


def _leave_standbys(engine: Engine) -> None:
    """Give up all connections when one leads to a server that only reads: the next ask who writes now."""

    @event.listens_for(engine, "handle_error")
    def _take_for_lost(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", None) in _UNFIT:
            context.is_disconnect = True
