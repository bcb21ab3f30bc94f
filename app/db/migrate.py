"""Brings a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import ProgrammingError

from app.db.address import parsed_address
from app.db.schema import SchemaNewerError

_SCRIPTS = Path(__file__).parents[2] / "alembic"
# PostgreSQL's code (SQLSTATE).
_INSUFFICIENT_PRIVILEGE = "42501"
_SHOWN = 6


class SchemaTooOldError(Exception):
    """The schema must be upgraded, by a role that may."""


class SchemaTooNewError(Exception):
    """A newer release has taken away or changed what this one uses."""


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
    return False
