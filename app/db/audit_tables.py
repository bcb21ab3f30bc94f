"""The tables of the audit log, and of the budgets that are taken as it grows."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.table_base import Base

UNIQUE_IN_PARTITIONS: Final = {"is_unique_in_partitions": True}
"""Marks what PostgreSQL cannot hold for a table in partitions, but holds for each of them."""


class AuditHead(Base):
    """The one row that every append locks: how many records there are.

    `frontier`: hashes of the Merkle tree's complete subtrees, largest first, 32 bytes each.
    `unclosed_from`: every INTENT with a smaller sequence has been closed, so the sweep starts there.
    """

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    unclosed_from: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes]


class AuditNode(Base):
    """Hash of a complete subtree of the audit log's Merkle tree, on every eighth level above the leaves."""

    __tablename__ = "audit_node"

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditCheckpoint(Base):
    """A signed checkpoint of the audit log: its size and root, and the note as it is handed out."""

    __tablename__ = "audit_checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]


class AuditRecord(Base):
    """One record of the audit log (nhật ký kiểm toán); `record` holds the RFC 8785 bytes that count.

    It is None once the record was pruned; then only sequence, event id, leaf hash, kind, time and agency are
    left. The other columns repeat parts of it to search by. `closes` is the lookup that an OUTCOME or
    ABANDONED record ends. No lookup ends twice and no event stands twice because whoever appends looks first,
    under the head's lock; the database refuses both besides, on PostgreSQL within one of the partitions.
    """

    __tablename__ = "audit_record"
    __table_args__ = (
        Index("ix_audit_record_lookup_id", "lookup_id"),
        Index("ix_audit_record_officer", "officer", "sequence"),
        Index("ix_audit_record_agency", "agency", "sequence"),
        Index("ix_audit_record_receipt_number", "receipt_number", "sequence"),
        Index("ix_audit_record_at", "at"),
        UniqueConstraint("event_id", info=UNIQUE_IN_PARTITIONS),
        UniqueConstraint("closes", info=UNIQUE_IN_PARTITIONS),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    record: Mapped[bytes | None]
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    lookup_id: Mapped[UUID | None]
    lookup_kind: Mapped[str | None] = mapped_column(String(20))
    officer: Mapped[str | None] = mapped_column(String(64))
    agency: Mapped[str | None] = mapped_column(String(40))
    client: Mapped[str | None] = mapped_column(String(64))
    procedure_code: Mapped[str | None] = mapped_column(String(40))
    receipt_number: Mapped[str | None] = mapped_column(String(60))
    result: Mapped[str | None] = mapped_column(String(60))
    closes: Mapped[UUID | None]


class AuditDataKey(Base):
    """The key under which an agency's audit records of a month (Vietnam's, YYYY-MM) seal personal values.

    `wrapped` is sealed with the service's data key, and None once it was destroyed.
    """

    __tablename__ = "audit_data_key"

    agency: Mapped[str] = mapped_column(String(40), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    wrapped: Mapped[bytes | None]
    destroyed_at: Mapped[datetime | None]


class AuditSubject(Base):
    """Whom an audit record concerns and as what, to search by; `ref` is the number's keyed reference."""

    __tablename__ = "audit_subject"
    __table_args__ = (Index("ix_audit_subject_ref", "ref", "sequence"),)

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ref: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class LookupBudget(Base):
    """What somebody has used of the budgets on lookups; `holder` is a kind and a name, as `officer:receiver`.

    `lookups` and `misses` are pairs of a step of time and a count. Read and written only by who holds the
    audit log's head, with the INTENT or the OUTCOME that is counted.
    """

    __tablename__ = "lookup_budget"

    holder: Mapped[str] = mapped_column(String(80), primary_key=True)
    lookups: Mapped[list[Any]]
    misses: Mapped[list[Any]]
    people_on: Mapped[date | None]
    people: Mapped[int] = mapped_column(Integer)


class LookupBudgetPerson(Base):
    """Somebody whom a holder of a budget has asked about on a day in Vietnam time, by keyed reference."""

    __tablename__ = "lookup_budget_person"

    day: Mapped[date] = mapped_column(primary_key=True)
    ref: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80), primary_key=True)
