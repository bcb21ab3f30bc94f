"""The table of signed checkpoints. Append-only: nothing here changes or deletes one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from app.db.audit_tables import AuditCheckpoint, AuditRecord
from app.db.conflicts import insert_for
from app.db.engine import Session
from app.db.tables import Base

_checkpoint = Base.metadata.tables[AuditCheckpoint.__tablename__].c
_record = Base.metadata.tables[AuditRecord.__tablename__].c

_ALL: Final = select(_checkpoint.size, _checkpoint.root, _checkpoint.note, _checkpoint.made_at)


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint with the note that signs it."""

    size: int
    root: bytes
    note: str
    made_at: datetime


async def newest(session: Session) -> StoredCheckpoint | None:
    """Return the checkpoint of the largest size."""
    row = (await session.execute(_ALL.order_by(_checkpoint.size.desc()).limit(1))).one_or_none()
    return row and StoredCheckpoint(*row)


async def larger_than(session: Session, size: int, *, limit: int) -> Sequence[StoredCheckpoint]:
    """Return the first checkpoints beyond a size, smallest first."""
    found = await session.execute(_ALL.where(_checkpoint.size > size).order_by(_checkpoint.size).limit(limit))
    return [StoredCheckpoint(*row) for row in found]


async def add(session: Session, checkpoint: StoredCheckpoint) -> None:
    """Keep a checkpoint; if there is one of its size already, that one stays."""
    await session.execute(
        insert_for(session, AuditCheckpoint).values(**asdict(checkpoint)).on_conflict_do_nothing()
    )


async def time_of_record(session: Session, sequence: int) -> datetime | None:
    """Tell when the event of a record happened, if there is such a record."""
    found = await session.execute(select(_record.at).where(_record.sequence == sequence))
    return found.scalar_one_or_none()


async def first_leaf(session: Session) -> bytes | None:
    """Return the first record's leaf hash, by which one log is told from another."""
    found = await session.execute(select(_record.leaf_hash).where(_record.sequence == 0))
    return found.scalar_one_or_none()
