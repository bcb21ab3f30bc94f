"""Holds a database's schema against what this release knows of it. Reads only.

During an upgrade the schema is newer than the release that still serves. That release goes on, and starts, as
long as all that it uses is there as it knows it.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, ForeignKeyConstraint, Index, MetaData, UniqueConstraint
from sqlalchemy.schema import SchemaItem

from app.db.audit_partitions import PARTITION
from app.db.audit_tables import UNIQUE_IN_PARTITIONS
from app.db.tables import Base

_HARMLESS: Final = frozenset({"remove_table", "remove_table_comment", "add_table_comment", "modify_comment"})


class SchemaNewerError(Exception):
    """The schema has migrations that this release does not know.

    `lacking` names what this release uses and no longer finds as it knows it; empty in an upgrade.
    """

    def __init__(self, lacking: tuple[str, ...]) -> None:
        super().__init__("the schema is newer than this release")
        self.lacking = lacking


def compared_on(dialect: str) -> Callable[..., bool]:
    """Give alembic's `include_object`: what of tables in partitions is compared with ours.

    The partitions themselves come with the months, and their keys with them.
    """

    def is_compared(subject: SchemaItem, name: str | None, kind: str, *_: object) -> bool:
        if dialect == "sqlite":
            return True
        if kind == "table":
            return name is None or PARTITION.fullmatch(name) is None
        return subject.info != UNIQUE_IN_PARTITIONS

    return is_compared


def refuse_newer(connection: Connection, scripts: ScriptDirectory) -> None:
    """Return if all migrations of the database are known.

    Raises:
        SchemaNewerError: they are not.
    """
    present = set(MigrationContext.configure(connection).get_current_heads())
    if present - {script.revision for script in scripts.walk_revisions()}:
        raise SchemaNewerError(tuple(sorted(set(_lacking(connection, Base.metadata)))))


def _lacking(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """Name what would have to be added or changed before this release could do its work."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "include_object": compared_on(connection.dialect.name)}
    )
    for difference in compare_metadata(context, metadata):
        # What differs of one column comes as a list.
        for step in difference if isinstance(difference, list) else [difference]:
            if not _is_harmless(step, metadata):
                yield _told(step)


def _is_harmless(step: tuple[Any, ...], metadata: MetaData) -> bool:
    """Tell of a step from the schema to ours whether it is about what is there beside ours."""
    match step:
        case ("remove_column", _, _, column):
            return _may_be_left_out(column)
        case ("remove_index" | "remove_constraint" | "remove_fk", constraint):
            return _is_beside(constraint, metadata)
        case _:
            return step[0] in _HARMLESS


def _told(step: tuple[Any, ...]) -> str:
    """Name what a step is about."""
    match step:
        case ("add_table", table):
            return str(table.name)
        case ("add_column" | "remove_column", _, table, column):
            return f"{table}.{column.name}"
        case (_, _, table, column, *_):
            return f"{table}.{column}"
        case (_, constraint):
            return f"{constraint.table.name}.{constraint.name}"
        case _:
            return str(step[0])


def _may_be_left_out(column: Column[Any]) -> bool:
    has_value = (
        column.server_default is not None or column.computed is not None or column.identity is not None
    )
    return bool(column.nullable) or has_value


def _is_beside(constraint: Index | UniqueConstraint | ForeignKeyConstraint, metadata: MetaData) -> bool:
    """Tell whether it holds for nothing that this release writes."""
    if isinstance(constraint, Index) and not constraint.unique:
        return True
    table = constraint.table
    ours = None if table is None else metadata.tables.get(table.name)
    return ours is None or any(column.name not in ours.columns for column in constraint.columns)
