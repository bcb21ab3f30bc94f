"""Copies a SQLite database while it is in use, and looks whether a copy is whole."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url


class NotSqliteError(Exception):
    """The database is no SQLite file."""


class CopyFailedError(Exception):
    """The file cannot be read as a database, or is not whole."""


def sqlite_file(database_url: str) -> Path:
    """Name the file of a database.

    Raises:
        NotSqliteError: it has none.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise NotSqliteError
    return Path(url.database)


def copy_database(source: Path, target: Path) -> None:
    """Copy a database to a new file of one piece, as it was at one moment; writers go on meanwhile.

    Raises:
        CopyFailedError: there is no such database, or it cannot be copied.
    """
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as read,
            closing(sqlite3.connect(target)) as written,
        ):
            # All pages in one step: in many steps it would begin anew with each change of another process.
            read.backup(written, pages=-1)
            # The copy has no write-ahead log beside it that could be forgotten.
            written.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as exc:
        raise CopyFailedError(f"{source}: {type(exc).__name__}") from exc


def check_whole(path: Path) -> None:
    """Return if SQLite finds the file whole.

    Raises:
        CopyFailedError: it does not.
    """
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            foreign = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as exc:
        raise CopyFailedError(f"{path.name}: {type(exc).__name__}") from exc
    if found != "ok" or foreign is not None:
        raise CopyFailedError(f"{path.name}: SQLite finds it damaged")
