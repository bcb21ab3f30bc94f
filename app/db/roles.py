"""The PostgreSQL role that the service runs as: it may read and lengthen the audit log, but not change it."""

import re
from typing import Final

from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url

from app.db.audit_tables import AuditCheckpoint, AuditDataKey, AuditHead, AuditNode, AuditRecord, AuditSubject
from app.db.tables import Base

DEFAULT_ROLE: Final = "motcua_service"
_ROLE_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")

_APPENDED_TO: Final = frozenset(
    table.__tablename__ for table in (AuditRecord, AuditSubject, AuditNode, AuditCheckpoint, AuditDataKey)
)
# Every append locks this row and writes the new size into it; a trigger keeps it from shrinking.
_LOCKED: Final = frozenset({AuditHead.__tablename__})
_VERSION_TABLE: Final = "alembic_version"


class RoleRefusedError(ValueError):
    """There is no such script."""


def role_script(role: str, *, database_url: str) -> str:
    """Write the SQL that makes the role if it is missing, and gives it what the service needs and no more.

    For the owner of the tables, after each migration; it can be run again and again. The role gets no
    password: that is for the database's administrator to set.

    Raises:
        RoleRefusedError: the role's name is not plain, or the database is not PostgreSQL.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "postgresql" or not url.database:
        raise RoleRefusedError("SQLite has no roles; the address must be that of a PostgreSQL database")
    if not _ROLE_NAME.fullmatch(role):
        raise RoleRefusedError("a role's name is lower case letters, digits and underscores")
    named, database = _quoted(role), _quoted(url.database)
    statements = [
        "BEGIN",
        _creation(role),
        f"GRANT CONNECT ON DATABASE {database} TO {named}",
        f"GRANT USAGE ON SCHEMA public TO {named}",
        # What an older script granted, and this one would not, must go.
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {named}",
        *(
            f"GRANT {rights} ON TABLE public.{_quoted(table)} TO {named}"
            for table, rights in table_rights().items()
        ),
        "COMMIT",
    ]
    return "".join(f"{statement};\n" for statement in statements)


def _creation(role: str) -> str:
    return f"DO $$ BEGIN CREATE ROLE {_quoted(role)} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"


def _quoted(name: str) -> str:
    quoted: str = postgresql.dialect().identifier_preparer.quote_identifier(name)  # type: ignore[no-untyped-call]
    return quoted


def table_rights() -> dict[str, str]:
    """Tell what the service's role may do with each table, and all that it needs."""
    rights = {_VERSION_TABLE: "SELECT"}
    for table in sorted(Base.metadata.tables):
        if table in _APPENDED_TO:
            rights[table] = "SELECT, INSERT"
        elif table in _LOCKED:
            rights[table] = "SELECT, UPDATE"
        else:
            rights[table] = "SELECT, INSERT, UPDATE, DELETE"
    return rights
