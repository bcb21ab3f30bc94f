"""The first answers to requests with an Idempotency-Key. No business rule, no transaction of its own."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, select

from app.db.conflicts import insertion
from app.db.engine import BlockingSession
from app.db.tables import Base, KeptAnswer
from app.db.together import Question, answers_of, statement

_answers = Base.metadata.tables[KeptAnswer.__tablename__]

# Core statements, made once: every registration runs them.
_LOCK: Final = statement(lambda _: select(func.pg_try_advisory_xact_lock(bindparam("number"))))
_FIND: Final = statement(
    lambda _: select(_answers.c.request_ref, _answers.c.answer_sealed).where(
        _answers.c.key_ref == bindparam("key_ref"), _answers.c.kept_at >= bindparam("since")
    )
)
_KEEP: Final = insertion(
    _answers,
    lambda insert: insert.on_conflict_do_update(
        index_elements=[_answers.c.key_ref],
        set_={name: insert.excluded[name] for name in ("request_ref", "answer_sealed", "kept_at")},
    ),
)


class KeyTakenError(Exception):
    """Another transaction has the key."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept answer: what had been asked, and the answer sealed."""

    request_ref: bytes
    answer_sealed: bytes = field(repr=False)


def take_key(session: BlockingSession, key_ref: bytes, *, since: datetime) -> Kept | None:
    """Take a key for the rest of the transaction, and return what was kept for it at `since` or later.

    Raises:
        KeyTakenError: another transaction has it.
    """
    connection = session.connection()
    find = Question(_FIND, {"key_ref": key_ref, "since": since})
    if connection.dialect.name == "sqlite":
        # One transaction writes at a time, so whoever asks has the key already.
        (found,) = answers_of(connection, [find])
    else:
        lock = Question(_LOCK, {"number": int.from_bytes(key_ref[:8], signed=True)})
        ((is_taken,),), found = answers_of(connection, [lock, find])
        if not is_taken:
            raise KeyTakenError
    return Kept(*found[0]) if found else None


def keep_answer(session: BlockingSession, key_ref: bytes, kept: Kept, *, at: datetime) -> None:
    """Keep an answer, in the place of one too old to count."""
    connection = session.connection()
    connection.execute(
        _KEEP[connection.dialect.name],
        {
            "key_ref": key_ref,
            "request_ref": kept.request_ref,
            "answer_sealed": kept.answer_sealed,
            "kept_at": at,
        },
    )


def forget_answers(session: BlockingSession, *, before: datetime) -> None:
    """Delete what was kept before a moment."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.kept_at < before))
