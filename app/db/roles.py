"""The PostgreSQL role that the service runs as: it may read and lengthen the audit log, but not change it."""

import re
from typing import Final

from sqlalchemy.dialects import postgresql

from app.db.address import parsed_address
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
    password: that is for the database's administrator to set. A role that may do more than serve, as a
    superuser or the tables' owner, makes the script fail and change nothing.

    Raises:
        RoleRefusedError: the role's name is not plain, or the database is not PostgreSQL.
    """
    url = parsed_address(database_url)
    if url.get_backend_name() != "postgresql" or not url.database:
        raise RoleRefusedError("SQLite has no roles; the address must be that of a PostgreSQL database")
    if not _ROLE_NAME.fullmatch(role):
        raise RoleRefusedError("a role's name is lower case letters, digits and underscores")
    named, database = _quoted(role), _quoted(url.database)
    statements = [
        "BEGIN",
        _creation(role),
        # A role that was there before may be, or belong to, one against which no right of a table helps.
        _STRONGER.format(role=role),
        # A new database gives these to everybody.
        f"REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {named}",
        f"GRANT USAGE ON SCHEMA public TO {named}",
        # What an older script granted, and this one would not, must go.
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {named}",
        f"REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM {named}",
        f"REVOKE CREATE ON SCHEMA public FROM {named}",
        *(
            f"GRANT {rights} ON TABLE public.{_quoted(table)} TO {named}"
            for table, rights in table_rights().items()
        ),
        "COMMIT",
    ]
    return "".join(f"{statement};\n" for statement in statements)


def _creation(role: str) -> str:
    # Looked for first: an owner who may not make roles can then run the script again after each migration.
    return (
        f"DO $$ BEGIN IF to_regrole('{role}') IS NULL "
        f"THEN CREATE ROLE {_quoted(role)} LOGIN; END IF; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )


_STRONGER: Final = """\
DO $$ BEGIN
  IF EXISTS (
    SELECT FROM pg_roles AS held WHERE pg_has_role('{role}', held.oid, 'MEMBER') AND (
      held.rolsuper OR held.rolcreaterole OR held.rolcreatedb OR held.rolreplication OR held.rolbypassrls
      OR held.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program')
      OR EXISTS (
        SELECT FROM pg_class WHERE relowner = held.oid AND relnamespace = 'public'::regnamespace
      )
      -- Whoever owns the database or the schema may drop the tables in it, whosever they are.
      OR EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND datdba = held.oid)
      OR EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public' AND nspowner = held.oid)
    )
  ) THEN
    RAISE EXCEPTION 'role {role} is or belongs to a role that may do more than serve';
  END IF;
END $$"""


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
