"""Runs the migrations on SQLite or PostgreSQL with plain synchronous drivers.

Each runs in a transaction on both, and nobody migrates the same database meanwhile: a process killed in the
middle leaves the schema as it was.
"""

from typing import Any

from alembic import context
from sqlalchemy import Connection, Engine, create_engine, event, pool, text
from sqlalchemy.engine import make_url

from app.db.tables import Base

url = make_url(context.config.attributes["database_url"])
is_sqlite = url.get_backend_name() == "sqlite"
engine = create_engine(
    url if is_sqlite else url.set(drivername="postgresql+psycopg"), poolclass=pool.NullPool
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


if is_sqlite:
    _begin_at_once(engine)

with engine.connect() as connection:
    if not is_sqlite:
        # Two hosts that start at once must not migrate side by side; the later one waits as long as it takes.
        connection.execute(text("SELECT pg_advisory_lock(4174230001)"))
        # A migration that cannot get its lock must not make the whole city wait behind it.
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=is_sqlite,
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
