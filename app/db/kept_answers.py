"""The first answers to requests with an Idempotency-Key. No business rule, no transaction of its own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from app.db.conflicts import insert_for
from app.db.engine import BlockingSession
from app.db.tables import KeptAnswer


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept answer: what had been asked, and the answer sealed."""

    request_ref: bytes
    answer_sealed: bytes


def take_key(session: BlockingSession, key_ref: bytes) -> bool:
    """Take a key for the rest of the transaction; False if another transaction has it.

    On SQLite one transaction writes at a time, so whoever asks has it already.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    number = int.from_bytes(key_ref[:8], signed=True)
    taken: bool = session.execute(select(func.pg_try_advisory_xact_lock(number))).scalar_one()
    return taken


def find_answer(session: BlockingSession, key_ref: bytes, *, since: datetime) -> Kept | None:
    """Return what was kept for a key at `since` or later."""
    statement = select(KeptAnswer.request_ref, KeptAnswer.answer_sealed).where(
        KeptAnswer.key_ref == key_ref, KeptAnswer.kept_at >= since
    )
    found = session.execute(statement).one_or_none()
    return None if found is None else Kept(*found)


def keep_answer(session: BlockingSession, key_ref: bytes, kept: Kept, *, at: datetime) -> None:
    """Keep an answer, in the place of one too old to count."""
    values = {"request_ref": kept.request_ref, "answer_sealed": kept.answer_sealed, "kept_at": at}
    statement = insert_for(session, KeptAnswer).values(key_ref=key_ref, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["key_ref"], set_=values))


def forget_answers(session: BlockingSession, *, before: datetime) -> None:
    """Delete what was kept before a moment."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.kept_at < before))
