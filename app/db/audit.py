"""The audit log's table. Append-only: nothing here changes or deletes a record.

Whoever appends holds the head's lock until the transaction ends, so that sequences have no gap, no repeat,
and the order of the commits. A transaction that appends should therefore do so last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, String, bindparam, exists, select, update

from app.db import audit_rows, audit_tree, lookup_budgets
from app.db.audit_rows import Growth, Row
from app.db.audit_tables import AuditHead, AuditRecord
from app.db.engine import Session
from app.db.lookup_budgets import Taken
from app.db.tables import Base
from app.db.together import Question, Rows, answers_of, statement
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.audit_record import SealedSubject, closed_lookup
from app.domain.lookup_budget import Charge, Limits, Miss, Refusal, TollOutcome
from app.domain.merkle import Frontier, leaf_hash

_heads = Base.metadata.tables[AuditHead.__tablename__]
_records = Base.metadata.tables[AuditRecord.__tablename__]
_head, _record, _closing = _heads.c, _records.c, _records.alias("closing")

# Core statements, made once: the log is on the path of every lookup, and the ORM would cost more than all
# the rest of an append.
_LOCK_HEAD: Final = Question(
    statement(lambda _: select(_head.size, _head.frontier).where(_head.id == 1).with_for_update()), {}
)
_PRESENT: Final = statement(
    lambda one_of: select(_record.event_id, _record.sequence).where(one_of(_record.event_id, "event_ids"))
)
# What ends a lookup comes after its INTENT: on PostgreSQL older partitions need not be looked at.
_CLOSED: Final = statement(
    lambda one_of: select(_record.closes).where(
        one_of(_record.closes, "lookup_ids"), _record.sequence > bindparam("after")
    )
)

_LONGEST: Final = {
    column.name: column.type.length
    for column in _record
    if isinstance(column.type, String) and column.type.length
}


class AppendGivenUpError(Exception):
    """Nobody waits for this append any more; nothing was appended."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that has no place in the log yet; `subjects` are whom it concerns, as columns too.

    `after` is the sequence of the INTENT of the lookup that it `closes`, or -1 where that is not known.
    """

    event_id: UUID
    kind: AuditKind
    closes: UUID | None
    columns: dict[str, Any]
    subjects: tuple[dict[str, Any], ...]
    toll: Charge | Miss | None = None
    after: int = -1


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of records: the sequence of each, None where it was not appended.

    That is where the lookup was closed already, or a budget did not allow it. `tolls` says of those with a
    toll what came of it; `tree` is the log's with all records.
    """

    sequences: tuple[int | None, ...]
    tolls: tuple[TollOutcome | None, ...]
    tree: Frontier


@dataclass(frozen=True, slots=True)
class Intent:
    """An INTENT that nothing has closed."""

    sequence: int
    at: datetime
    record: bytes


@dataclass(frozen=True, slots=True)
class Unclosed:
    """INTENTs that nothing has closed, in order; there are no others from `since` up to before `until`."""

    intents: tuple[Intent, ...]
    since: int
    until: int


def new_record(
    event: AuditEvent,
    record: bytes,
    subjects: Sequence[SealedSubject],
    *,
    toll: Charge | Miss | None = None,
    after: int | None = None,
) -> NewRecord:
    """Make the rows of an event whose canonical bytes, with these subjects in them, are `record`.

    `toll` is what it takes from budgets; `after` the sequence of the INTENT that it closes, if known.

    Raises:
        ValueError: a text does not fit its column. Found here and not by the database, where it would fail
            the other records of its batch.
    """
    closes = closed_lookup(event)
    columns: dict[str, Any] = {
        "event_id": event.event_id,
        "leaf_hash": leaf_hash(record),
        "record": record,
        "kind": event.kind.value,
        "at": event.at,
        "lookup_id": event.lookup_id,
        "lookup_kind": event.lookup_kind and event.lookup_kind.value,
        "officer": event.officer,
        "agency": event.agency,
        "client": event.client,
        "procedure_code": event.procedure_code,
        "receipt_number": event.receipt_number,
        "result": event.result,
        "closes": closes,
    }
    for name, longest in _LONGEST.items():
        text = columns[name]
        if text is not None and (len(text) > longest or "\x00" in text):
            raise ValueError(f"an audit record's {name} does not fit its column")
    # The same person twice in one role is one row.
    concerned = dict.fromkeys((subject.ref, subject.role) for subject in subjects)
    return NewRecord(
        event.event_id,
        event.kind,
        closes,
        columns,
        tuple({"ref": ref, "role": role} for ref, role in concerned),
        toll,
        -1 if after is None else after,
    )


def append(
    connection: Connection,
    records: Sequence[NewRecord],
    *,
    again: bool = False,
    limits: Limits | None = None,
    given_up: Event | None = None,
) -> Appended:
    """Append the records that are not there yet; nothing is appended for a lookup that is closed already.

    `again` says that an earlier transaction may have appended some of them, because how its COMMIT ended is
    not known. With `limits` the records' tolls are taken from the budgets in the same transaction, and an
    INTENT that a budget does not allow is not appended.

    Raises:
        AuditTreeBrokenError: the head was changed by somebody else.
        AppendGivenUpError: `given_up` was set before the head was locked.
    """
    tolls = {record.event_id: record.toll for record in records if limits and record.toll is not None}
    seen = _seen_under_lock(connection, records, list(tolls.values()), again=again)
    if given_up is not None and given_up.is_set():
        # Who tried again may be through, and one partition does not know what the one before it has.
        raise AppendGivenUpError
    present: dict[UUID, int] = dict(map(tuple, seen.present))
    closed = {lookup_id for (lookup_id,) in seen.closed}
    for event_id in tolls.keys() & present.keys():
        del tolls[event_id]
    taken = Taken()
    if limits and tolls:
        taken = lookup_budgets.taken(list(tolls.values()), limits, used=seen.used, known=seen.known)
    outcomes = dict(zip(tolls, taken.outcomes, strict=True))
    size, hashes = _head_of(seen)
    rows: list[Row] = []
    concerned: list[Row] = []
    sequences: list[int | None] = []
    for record in records:
        sequence = present.get(record.event_id)
        is_refused = isinstance(outcomes.get(record.event_id), Refusal)
        if sequence is None and not is_refused and (record.closes is None or record.closes not in closed):
            sequence = present[record.event_id] = size + len(rows)
            rows.append({"sequence": sequence, **record.columns})
            concerned += ({"sequence": sequence, **subject} for subject in record.subjects)
            if record.closes is not None:
                closed.add(record.closes)
        sequences.append(sequence)
    tree, completed = audit_tree.unpacked(size, hashes).extended([row["leaf_hash"] for row in rows])
    if rows or taken.budgets:
        growth = Growth(
            size=tree.size,
            frontier=audit_tree.packed(tree),
            records=rows,
            subjects=concerned,
            nodes=audit_tree.stored_rows(completed),
            budgets=taken.budgets,
            people=taken.people,
        )
        audit_rows.write(connection, growth)
    return Appended(tuple(sequences), tuple(outcomes.get(record.event_id) for record in records), tree)


async def append_within(session: Session, records: Sequence[NewRecord]) -> Appended:
    """Append as `append` does, in the session's own transaction."""
    connection = await session.connection()
    return await connection.run_sync(append, records)


class _Seen(NamedTuple):
    """What the database said once the head was locked; only that holds until the commit."""

    head: Rows
    present: Rows = ()
    closed: Rows = ()
    used: Rows = ()
    known: Rows = ()


def _head_of(seen: _Seen) -> tuple[int, bytes]:
    if not seen.head:
        raise audit_tree.AuditTreeBrokenError("the log has no head")
    size, hashes = seen.head[0]
    return size, hashes


def _seen_under_lock(
    connection: Connection, records: Sequence[NewRecord], tolls: Sequence[Charge | Miss], *, again: bool
) -> _Seen:
    """Lock the head, then ask what decides about these records: in one trip, as others wait for the head."""
    questions = {"head": _LOCK_HEAD}
    if again:
        questions["present"] = Question(_PRESENT, {"event_ids": [record.event_id for record in records]})
    if closing := [record for record in records if record.closes is not None]:
        lookup_ids = [record.closes for record in closing]
        after = min(record.after for record in closing)
        questions["closed"] = Question(_CLOSED, {"lookup_ids": lookup_ids, "after": after})
    if tolls:
        questions["used"], questions["known"] = lookup_budgets.questions(tolls)
    answers = answers_of(connection, list(questions.values()))
    return _Seen(**dict(zip(questions, answers, strict=True)))


async def log_size(session: Session) -> int:
    """Return how many records there are."""
    size: int = (await session.execute(select(_head.size).where(_head.id == 1))).scalar_one()
    return size


async def unclosed_intents(session: Session, *, limit: int) -> Unclosed:
    """Find the first INTENTs that nothing has closed."""
    # The size is read first: every record below it is committed and in sight of the second statement.
    size, since = (await session.execute(select(_head.size, _head.unclosed_from).where(_head.id == 1))).one()
    statement = (
        select(_record.sequence, _record.at, _record.record)
        .where(_record.sequence >= since, _record.sequence < size, _record.kind == AuditKind.INTENT.value)
        .where(_record.record.is_not(None))
        .where(~exists().where(_closing.c.closes == _record.lookup_id))
        .order_by(_record.sequence)
        .limit(limit)
    )
    intents = tuple(Intent(row.sequence, row.at, row.record) for row in await session.execute(statement))
    return Unclosed(intents, since, intents[-1].sequence + 1 if len(intents) == limit else size)


async def move_unclosed_from(session: Session, sequence: int) -> None:
    """Note that every INTENT before `sequence` has been closed; never moves back."""
    await session.execute(
        update(_heads).where(_head.id == 1, _head.unclosed_from < sequence).values(unclosed_from=sequence)
    )
