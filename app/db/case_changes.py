"""The changes of cases, numbered in the order of their commits. Append-only. No transaction of its own."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, false, insert, or_, select, update
from sqlalchemy.orm import defer

from app.db.engine import BlockingSession, Session
from app.db.tables import Base, CaseChange, CaseChangeHead

ChangeRow = CaseChange

WITHOUT_DETAILS: Final = defer(CaseChange.details_sealed, raiseload=True)
"""Loads changes without what they say: hundreds of documents at times, which no item of the feed shows."""

_changes = Base.metadata.tables[CaseChange.__tablename__]
_heads = Base.metadata.tables[CaseChangeHead.__tablename__]

# Core statements, made once: every registration runs them.
_GROW: Final = update(_heads).where(_heads.c.id == 1).values(size=_heads.c.size + 1).returning(_heads.c.size)
_INSERT: Final = insert(_changes)
_grown = _GROW.cte("grown")
_said = [column for column in _changes.c if not column.primary_key]
_APPEND_AT_ONCE: Final = _INSERT.from_select(
    ["sequence", *(column.name for column in _said)],
    select(_grown.c.size, *(bindparam(column.name, type_=column.type) for column in _said)),
)


def append_change(session: BlockingSession, columns: dict[str, Any]) -> None:
    """Append a change, given without its sequence.

    The head's row stays locked until the transaction ends: whoever sees a sequence sees all before it. Call
    it late in a transaction, and before the audit log's append, whose lock is always the last.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_APPEND_AT_ONCE, columns)
    else:
        sequence = connection.execute(_GROW).scalar_one()
        connection.execute(_INSERT, {"sequence": sequence, **columns})


def newest_sequence(session: BlockingSession) -> int:
    """Return the sequence of the newest change of any case; 0 if there is none."""
    size: int = session.execute(select(CaseChangeHead.size).where(CaseChangeHead.id == 1)).scalar_one()
    return size


def first_time_in(session: BlockingSession, receipt_number: str, status: str) -> datetime | None:
    """Return when a case first came to a status; None if it never did."""
    return session.scalars(
        select(CaseChange.at)
        .where(CaseChange.receipt_number == receipt_number, CaseChange.status == status)
        # In the order of the case's index: by sequence, a database may go through all cases.
        .order_by(CaseChange.version)
        .limit(1)
    ).one_or_none()


async def changes_from(
    session: Session, receipt_number: str, *, at: datetime | None, version: int | None, limit: int
) -> Sequence[ChangeRow]:
    """Return at most `limit` changes of one case, oldest first, from a version at a moment on.

    Without a version those of later moments; without a moment from the first on.
    """
    place = (CaseChange.at, CaseChange.version)
    chosen = select(CaseChange.sequence).where(CaseChange.receipt_number == receipt_number)
    if at is not None:
        is_among = false() if version is None else CaseChange.version >= version
        chosen = chosen.where(or_(CaseChange.at > at, and_(CaseChange.at == at, is_among)))
    # Chosen without what they say, or the database would sort the values of every change of the case.
    chosen = chosen.order_by(*place).limit(limit)
    found = await session.scalars(select(CaseChange).where(CaseChange.sequence.in_(chosen)).order_by(*place))
    return found.all()


async def changes_between(
    session: Session, sequence: int, last: int, *, agency_codes: Collection[str], limit: int
) -> Sequence[ChangeRow]:
    """Return at most `limit` changes of these agencies' cases after a sequence, up to the `last`, in order.

    Without what they say: to read a row's details is an error.

    Whoever goes on from there reads the last sequence first and the agencies second: then no change up to it
    is of an agency that is not among them yet.
    """
    found = await session.scalars(_between(sequence, last, agency_codes, limit).options(WITHOUT_DETAILS))
    return found.all()


async def full_changes_between(
    session: Session, sequence: int, last: int, *, agency_codes: Collection[str], limit: int
) -> Sequence[ChangeRow]:
    """Return the same as `changes_between`, with what the changes say, which may be much."""
    return (await session.scalars(_between(sequence, last, agency_codes, limit))).all()


def _between(sequence: int, last: int, agency_codes: Collection[str], limit: int) -> Select[CaseChange]:
    return (
        select(CaseChange)
        .where(
            CaseChange.sequence > sequence,
            CaseChange.sequence <= last,
            CaseChange.agency_code.in_(sorted(agency_codes)),
        )
        .order_by(CaseChange.sequence)
        .limit(limit)
    )
