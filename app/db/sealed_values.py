"""Values sealed under the service's data key, wherever they stand. No rule, no transaction of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, select, true, tuple_, update

from app.db.audit_tables import AuditDataKey
from app.db.engine import BlockingSession
from app.db.tables import Base, CaseChange, CaseFile, KeptAnswer, Officer, Webhook


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values, and of which columns the name of a value's place is made."""

    table_name: str
    column_name: str
    named_by: tuple[str, ...]

    @property
    def table(self) -> Table:
        """The table."""
        return Base.metadata.tables[self.table_name]

    @property
    def key(self) -> tuple[ColumnElement[Any], ...]:
        """The columns of its primary key."""
        return tuple(self.table.primary_key.columns)


SEALED_COLUMNS: Final = (
    SealedColumn(Officer.__tablename__, "id_number_sealed", ("username",)),
    SealedColumn(Officer.__tablename__, "second_factor_sealed", ("username",)),
    SealedColumn(Officer.__tablename__, "second_factor_offered", ("username",)),
    SealedColumn(CaseFile.__tablename__, "content_sealed", ("receipt_number",)),
    SealedColumn(CaseChange.__tablename__, "details_sealed", ("receipt_number", "version")),
    SealedColumn(Webhook.__tablename__, "secret_sealed", ("id",)),
    SealedColumn(KeptAnswer.__tablename__, "answer_sealed", ("key_ref",)),
    SealedColumn(AuditDataKey.__tablename__, "wrapped", ("agency", "month")),
)
"""All of them; what an audit record holds is sealed under the keys that `audit_data_key` wraps."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values of a page were looked at and how many sealed anew; `last` is where the next begins."""

    seen: int
    changed: int
    last: tuple[Any, ...] | None


def reseal_page(
    session: BlockingSession,
    sealed: SealedColumn,
    reseal: Callable[[tuple[Any, ...], bytes], bytes | None],
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Resealed:
    """Seal a page of a column's values anew, in the order of the primary key.

    `reseal` gets what the place is named by and the value, and gives the new one, or None to leave it. A
    value that somebody else changes meanwhile is left to the next pass.
    """
    rows = _page(session, sealed, after=after, limit=limit)
    column, changed = sealed.table.c[sealed.column_name], 0
    parts = len(sealed.key)
    for row in rows:
        key, names, value = row[:parts], tuple(row[parts:-1]), row[-1]
        new = reseal(names, value)
        if new is not None:
            same = and_(*(one == part for one, part in zip(sealed.key, key, strict=True)), column == value)
            found = session.execute(update(sealed.table).where(same).values({column: new}).returning(column))
            changed += len(found.all())
    return Resealed(len(rows), changed, tuple(rows[-1][:parts]) if rows else None)


def _page(
    session: BlockingSession, sealed: SealedColumn, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Sequence[Any]]:
    table, key = sealed.table, sealed.key
    beyond: ColumnElement[bool] = true() if after is None else tuple_(*key) > tuple_(*after)
    statement = (
        select(*key, *(table.c[name] for name in sealed.named_by), table.c[sealed.column_name])
        .where(table.c[sealed.column_name].is_not(None), beyond)
        .order_by(*key)
        .limit(limit)
    )
    return session.execute(statement).all()
