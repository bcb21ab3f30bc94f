"""Runs the migrations on SQLite or PostgreSQL with plain synchronous drivers.

Each runs in a transaction of its own on PostgreSQL, so that what it locks is free again before the next, and
all in one on SQLite. Nobody migrates the same database meanwhile. A process killed in the middle leaves the
schema as it was before the migration, or on SQLite before all of them.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, create_engine, event, pool, text

from app.db.address import driver_address, parsed_address
from app.db.encoding import demand_utf8
from app.db.postgres import wait_little
from app.db.schema import compared_on, refuse_newer
from app.db.tables import Base

_ASK_AGAIN_SECONDS = 0.1

database_url: str = context.config.attributes["database_url"]
is_sqlite = parsed_address(database_url).get_backend_name() == "sqlite"
engine = (
    create_engine(parsed_address(database_url), poolclass=pool.NullPool)
    if is_sqlite
    # Nothing is prepared: behind PgBouncer the name may be taken already.
    else create_engine(
        driver_address(database_url), poolclass=pool.NullPool, connect_args={"prepare_threshold": None}
    )
)


def _begin_at_once(engine: Engine) -> None:
    """Let a transaction of SQLite begin when we say so: the driver itself begins none for CREATE TABLE."""

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        connection.isolation_level = None
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Let two hosts that start at once not migrate side by side; the later one waits as long as it takes.

    The lock is a transaction's on a connection of its own, which outlasts those of the migrations. Whoever
    waits asks again and again: an index that is made CONCURRENTLY waits for all statements under way, and
    would do so for one that waits for the lock.
    """
    with engine.connect() as holder:
        while not holder.scalar(text("SELECT pg_try_advisory_xact_lock(4174230001)")):
            holder.rollback()
            time.sleep(_ASK_AGAIN_SECONDS)
        holder.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield


if is_sqlite:
    _begin_at_once(engine)
else:
    demand_utf8(engine)
    # Not for an index that is made CONCURRENTLY, in no transaction: it waits long, and nobody behind it.
    event.listen(engine, "begin", wait_little)

with nullcontext() if is_sqlite else _alone(engine), engine.connect() as connection:
    refuse_newer(connection, context.script)
    connection.rollback()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=is_sqlite,
        compare_type=True,
        include_object=compared_on(connection.dialect.name),
        transactional_ddl=True,
        # On SQLite its one BEGIN IMMEDIATE keeps apart two that start at once.
        transaction_per_migration=not is_sqlite,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
