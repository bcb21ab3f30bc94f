"""Runs the migrations on SQLite or PostgreSQL with plain synchronous drivers."""

from alembic import context
from sqlalchemy import create_engine, pool, text
from sqlalchemy.engine import make_url

from app.db.tables import Base

url = make_url(context.config.attributes["database_url"])
is_sqlite = url.get_backend_name() == "sqlite"
engine = create_engine(
    url if is_sqlite else url.set(drivername="postgresql+psycopg"), poolclass=pool.NullPool
)

with engine.connect() as connection:
    if is_sqlite:
        connection.execute(text("PRAGMA journal_mode=WAL"))
        connection.commit()
    else:
        # A migration that cannot get its lock must not make the whole city wait behind it.
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        # Two hosts that start at once must not migrate side by side.
        connection.execute(text("SELECT pg_advisory_lock(4174230001)"))
        connection.commit()
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=is_sqlite, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
