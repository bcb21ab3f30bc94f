"""Drops the content of old audit records, as the tables' owner. The only module that may.

Sequence, leaf hash, kind, time and agency stay, so that every hash above is what it was.
"""

import json
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, func, not_, select, text, update

from app.db.audit_tables import AuditHead, AuditRecord, AuditSubject
from app.db.engine import Session
from app.db.tables import Base
from app.domain.audit_event import AuditKind
from app.domain.retention import PRUNED, Pruning

_records = Base.metadata.tables[AuditRecord.__tablename__]
_record = _records.c
_closing = _records.alias("closing")
_subjects = Base.metadata.tables[AuditSubject.__tablename__]
_head = Base.metadata.tables[AuditHead.__tablename__].c

_CLEARED: Final = (
    "record",
    "lookup_id",
    "lookup_kind",
    "officer",
    "client",
    "procedure_code",
    "receipt_number",
    "result",
    "closes",
)


async def is_allowed(session: Session) -> bool:
    """Tell whether this role may drop anything at all: the service's own may not."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(await session.scalar(select(func.has_table_privilege(_subjects.name, "DELETE"))))


async def take_time(session: Session) -> None:
    """Let this transaction's statements look through the whole log: others have half a minute."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL statement_timeout = 0"))


async def first_since(session: Session, at: datetime) -> int:
    """Return the first sequence whose record is of `at` or later: the log's size, if there is none."""
    found = await session.scalar(select(func.min(_record.sequence)).where(_record.at >= at))
    if found is not None:
        return int(found)
    return int((await session.execute(select(_head.size).where(_head.id == 1))).scalar_one())


async def countable(session: Session, until: int) -> int:
    """Count the records below `until` whose content could be dropped."""
    found = await session.scalar(
        select(func.count()).select_from(_records).where(_droppable(0, until, until))
    )
    return int(found or 0)


async def prunings(session: Session) -> list[Pruning]:
    """Return the prunings that the log announces, in order."""
    found = await session.scalars(
        select(_record.record)
        .where(_record.kind == AuditKind.CHANGE.value, _record.result == PRUNED, _record.record.is_not(None))
        .order_by(_record.sequence)
    )
    told = (Pruning.of(json.loads(content)) for content in found)
    return [one for one in told if one is not None]


async def drop(session: Session, since: int, below: int, *, until: int) -> int:
    """Drop the content from `since` up to before `below`, of a pruning up to `until`; return of how many.

    An INTENT whose lookup ended at `until` or later, or not at all, keeps its content, and so does what the
    log says of itself.
    """
    if session.get_bind().dialect.name == "sqlite":
        # Without it the bytes would stay in the file until something else needs the space.
        await session.execute(text("PRAGMA secure_delete = ON"))
    done = await session.execute(
        update(_records).where(_droppable(since, below, until)).values(dict.fromkeys(_CLEARED))
    )
    await session.execute(
        delete(_subjects).where(
            _subjects.c.sequence >= since,
            _subjects.c.sequence < below,
            exists().where(_record.sequence == _subjects.c.sequence, _record.record.is_(None)),
        )
    )
    return cast("CursorResult[Any]", done).rowcount


def _droppable(since: int, below: int, until: int) -> ColumnElement[bool]:
    ended = exists().where(_closing.c.closes == _record.lookup_id, _closing.c.sequence < until)
    open_still = and_(_record.kind == AuditKind.INTENT.value, not_(ended))
    # What the log says of itself, its keys and its retention, is about no citizen and explains the rest.
    of_the_log = and_(_record.kind == AuditKind.CHANGE.value, _record.receipt_number.is_(None))
    return and_(
        _record.sequence >= since,
        _record.sequence < below,
        _record.record.is_not(None),
        not_(open_still),
        not_(of_the_log),
    )
