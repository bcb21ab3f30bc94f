"""Takes the bytes of destroyed data keys out of the database's files, as the tables' owner.

A changed row leaves its old version in PostgreSQL's file of the table, which autovacuum comes to after many
more changes than there ever are, and in SQLite's write-ahead log, until something else is written over it.
"""

import re
import time
from typing import Any, Final

from psycopg.errors import Diagnostic
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from app.db.address import driver_address, parsed_address
from app.db.audit_tables import AuditDataKey
from app.db.postgres import Pooler, vacuuming_engine

_BUSY_TIMEOUT_SECONDS: Final = 5
# Before each try: a question that had begun before the keys were destroyed is most often answered by then.
_PAUSES_SECONDS: Final = (0.0, 1.0, 4.0)
_COUNT: Final = re.compile(r"\d+")
_SOMEBODY_READS: Final = "somebody has been reading for long, as a backup or a verification does"
# By PostgreSQL's codes (SQLSTATE): no lock in time.
_REASONS: Final = {"55P03": _SOMEBODY_READS}


class KeysStillThereError(Exception):
    """Old versions of the keys' rows may still be in the files, and why; later they can be taken away."""


def wipe_destroyed_keys(database_url: str, *, pooler: Pooler = "none") -> None:
    """Take away what was there before the last changes of the keys; for milliseconds nobody can read them.

    Neither PostgreSQL's own log and its copies nor backups are touched.

    Raises:
        KeysStillThereError: it could not be done, or this role may not.
    """
    url = parsed_address(database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_SECONDS})
    else:
        engine = vacuuming_engine(driver_address(database_url), pooler=pooler)
    try:
        with engine.connect() as connection:
            if is_sqlite:
                _empty_the_log(connection)
            else:
                _write_anew(connection)
    except DBAPIError as exc:
        reason = _REASONS.get(getattr(exc.orig, "sqlstate", None) or "")
        raise KeysStillThereError(reason or "the database cannot be reached, or is busy") from exc
    finally:
        engine.dispose()


def _empty_the_log(connection: Connection) -> None:
    is_busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    if is_busy:
        raise KeysStillThereError(_SOMEBODY_READS)


def _write_anew(connection: Connection) -> None:
    """Write the table to a new file, until no row is in it that only earlier snapshots see."""
    for pause_seconds in _PAUSES_SECONDS:
        time.sleep(pause_seconds)
        if _old_versions_after_vacuum(connection) == 0:
            return
    raise KeysStillThereError(_SOMEBODY_READS)


def _old_versions_after_vacuum(connection: Connection) -> int:
    """Return how many old versions had to be kept, as PostgreSQL tells it.

    Raises:
        KeysStillThereError: it tells nothing, for it passes over a table that is not this role's.
    """
    told: list[str] = []

    def note(diagnostic: Diagnostic) -> None:
        # Whatever the language of its words is, the detail begins with the number.
        told.extend(_COUNT.findall(diagnostic.message_detail or "")[:1])

    driver: Any = connection.connection.driver_connection
    driver.add_notice_handler(note)
    try:
        connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {AuditDataKey.__tablename__}")
    finally:
        driver.remove_notice_handler(note)
    if not told:
        raise KeysStillThereError("this role does not own the tables")
    return sum(map(int, told))
