"""Brings a database to the newest schema."""

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.db.address import parsed_address
from app.db.schema import SchemaNewerError

_SCRIPTS = Path(__file__).parents[2] / "alembic"
# PostgreSQL's codes (SQLSTATE); a connection that was never made has none.
_INSUFFICIENT_PRIVILEGE = "42501"
_LOCK_NOT_AVAILABLE = "55P03"
_DEADLOCK = "40P01"
_CONNECTION_RESOURCES_SHUTDOWN = ("08", "53", "57P0")
_SQLITE_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN}
_SHOWN = 6


class SchemaTooOldError(Exception):
    """The schema must be upgraded, by a role that may."""


class SchemaTooNewError(Exception):
    """A newer release has taken away or changed what this one uses."""


class DatabaseUnreadyError(Exception):
    """The database cannot be reached or is busy: what is unfinished is taken back, and later it may work."""


def alembic_config(database_url: str) -> Config:
    """Return alembic's configuration for a database; nothing is read from an ini file."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["database_url"] = database_url
    return config


def migrate(database_url: str) -> bool:
    """Upgrade the schema to the newest version; a SQLite file and its folder are made if missing.

    Where there is nothing to upgrade, a role that may only read the version will do. A newer release's schema
    is left as it is; tells whether it is one.

    Raises:
        SchemaTooOldError: there is something to upgrade, and this role may not.
        SchemaTooNewError: this release cannot work on it any more.
        DatabaseUnreadyError: it does not answer, or somebody keeps a lock.
        WrongEncodingError: it is not kept in UTF-8.
    """
    url = parsed_address(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        command.upgrade(alembic_config(database_url), "head")
    except SchemaNewerError as exc:
        if exc.lacking:
            raise SchemaTooNewError(
                "the database's schema is of a newer release, which has taken away or changed what this one "
                f"uses ({', '.join(exc.lacking[:_SHOWN])}): run that release"
            ) from exc
        return True
    except ProgrammingError as exc:
        if getattr(exc.orig, "sqlstate", None) != _INSUFFICIENT_PRIVILEGE:
            raise
        raise SchemaTooOldError(
            "the database's schema is not the newest, and this role may not change it: "
            "run `motcua migrate` as the owner of the tables"
        ) from exc
    except OperationalError as exc:
        if not _may_pass(exc):
            raise
        raise DatabaseUnreadyError(_unready(exc)) from exc
    return False


def _may_pass(exc: OperationalError) -> bool:
    """Tell a database that is away or busy from a statement that will never work."""
    if isinstance(exc.orig, sqlite3.Error):
        # The lowest byte is the kind.
        return getattr(exc.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    state: str | None = getattr(exc.orig, "sqlstate", None)
    return (
        state is None
        or state in {_LOCK_NOT_AVAILABLE, _DEADLOCK}
        or state.startswith(_CONNECTION_RESOURCES_SHUTDOWN)
    )


def _unready(exc: OperationalError) -> str:
    if getattr(exc.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
        return "another transaction keeps a lock that is needed: end it or wait for it, and migrate again"
    # A driver's words name the server and the role, and no password.
    return f"the database cannot be used: {' '.join(str(exc.orig).split())}"
