"""Brings a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

_SCRIPTS = Path(__file__).parents[2] / "alembic"
# PostgreSQL's code (SQLSTATE).
_INSUFFICIENT_PRIVILEGE = "42501"


class SchemaTooOldError(Exception):
    """The schema must be upgraded, by a role that may."""


def alembic_config(database_url: str) -> Config:
    """Return alembic's configuration for a database; nothing is read from an ini file."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["database_url"] = database_url
    return config


def migrate(database_url: str) -> None:
    """Upgrade the schema to the newest version; a SQLite file and its folder are made if missing.

    Where there is nothing to upgrade, a role that may only read the version will do.

    Raises:
        SchemaTooOldError: there is something to upgrade, and this role may not.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        command.upgrade(alembic_config(database_url), "head")
    except ProgrammingError as exc:
        if getattr(exc.orig, "sqlstate", None) != _INSUFFICIENT_PRIVILEGE:
            raise
        raise SchemaTooOldError(
            "the database's schema is not the newest, and this role may not change it: "
            "run `motcua migrate` as the owner of the tables"
        ) from exc
