"""The tables. Both databases get them from the migrations; these modules must agree with those (checked)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import audit_tables  # noqa: F401 - who knows these tables knows those of the log too
from app.db.table_base import Base as Base  # noqa: PLC0414 - the name by which all others know it


class Agency(Base):
    """An agency (cơ quan) of the tree; the root has no parent."""

    __tablename__ = "agency"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("agency.code"))


class Procedure(Base):
    """An administrative procedure (thủ tục hành chính) and what it may ask the register."""

    __tablename__ = "procedure"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    level: Mapped[str] = mapped_column(String(20))
    processing_days: Mapped[int] = mapped_column(Integer)
    national_code: Mapped[str] = mapped_column(String(40))
    is_active: Mapped[bool]
    lookups: Mapped[list[Any]]
    share_fields: Mapped[list[Any]]


class Officer(Base):
    """An officer's account (cán bộ). The 12-digit number is sealed; the password is an argon2id hash.

    `second_factor_sealed` is the secret of one-time codes, `second_factor_offered` one that is not confirmed
    yet, and `second_factor_step` the step of time of the last code that was used: without a second factor it
    says that one was taken away and the password is still from then. `enabled_at` is when an administrator
    last said that the account is active, `reopened_at` when that last changed it.
    """

    __tablename__ = "officer"

    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    full_name: Mapped[str] = mapped_column(String(200))
    agency_code: Mapped[str] = mapped_column(ForeignKey("agency.code"))
    roles: Mapped[list[Any]]
    id_number_sealed: Mapped[bytes | None]
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool]
    password_set_at: Mapped[datetime | None]
    former_password_hashes: Mapped[list[Any]] = mapped_column(server_default="[]")
    failed_logins: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[datetime | None]
    second_factor_sealed: Mapped[bytes | None]
    second_factor_offered: Mapped[bytes | None]
    second_factor_step: Mapped[int | None] = mapped_column(BigInteger)
    enabled_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]


class Client(Base):
    """A system that calls us (hệ thống kết nối), registered for an agency.

    `reopened_at` is when it was last made active again, got a new secret or lost a public key: tokens from
    before have ended.
    """

    __tablename__ = "client"

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    agency_code: Mapped[str] = mapped_column(ForeignKey("agency.code"))
    grants: Mapped[list[Any]]
    scopes: Mapped[list[Any]]
    secret_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool]
    jwks: Mapped[list[Any]] = mapped_column(server_default="[]")
    networks: Mapped[list[Any]] = mapped_column(server_default="[]")
    reopened_at: Mapped[datetime | None]


class UsedAssertion(Base):
    """An assertion of a front end that a token was given for; `ref` is the hash of client and `jti`.

    Kept until the assertion could not be used any more for its age alone.
    """

    __tablename__ = "used_assertion"
    __table_args__ = (Index("ix_used_assertion_expires_at", "expires_at"),)

    ref: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime]


class LoginSource(Base):
    """Bad log-ins that came from an address (of IPv6, its network) since a moment."""

    __tablename__ = "login_source"
    __table_args__ = (Index("ix_login_source_since", "since"),)

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime]


class CalendarOverride(Base):
    """A day of which a deployment says whether it is worked, against the calendar that the service has."""

    __tablename__ = "calendar_override"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class ReceiptCounter(Base):
    """The last receipt number given out by an agency on a day in Vietnam time."""

    __tablename__ = "receipt_counter"

    agency_code: Mapped[str] = mapped_column(ForeignKey("agency.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last_number: Mapped[int] = mapped_column(Integer)


class CaseFile(Base):
    """A case (hồ sơ). All that a person wrote stands in `content_sealed`, encrypted.

    The procedure's name, level and processing days are those of the day the case was received.
    `applicant_ref` is the keyed reference of the applicant's number, to search by. `ended_at` is when the
    work ended, which a later hand-out of the result does not move; `supplement_since` is set while the case
    waits for a supplement.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_agency_received", "agency_code", "received_at", "receipt_number"),
        Index("ix_case_file_received", "received_at", "receipt_number"),
        Index("ix_case_file_applicant_ref", "applicant_ref"),
        Index(
            "ix_case_file_without_words",
            "receipt_number",
            postgresql_where=text("NOT has_words"),
            sqlite_where=text("NOT has_words"),
        ),
    )

    receipt_number: Mapped[str] = mapped_column(String(60), primary_key=True)
    agency_code: Mapped[str] = mapped_column(ForeignKey("agency.code"))
    procedure_code: Mapped[str] = mapped_column(String(40))
    procedure_name: Mapped[str] = mapped_column(String(300))
    procedure_level: Mapped[str] = mapped_column(String(20))
    processing_days: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(30))
    payment_status: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    field_visit_on: Mapped[date | None]
    returned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    supplement_since: Mapped[datetime | None]
    supplement_requests: Mapped[int] = mapped_column(Integer, server_default="0")
    registered_by: Mapped[str] = mapped_column(String(64))
    applicant_ref: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    content_sealed: Mapped[bytes]
    has_words: Mapped[bool] = mapped_column(server_default=false())
    version: Mapped[int] = mapped_column(Integer)


class CaseWord(Base):
    """A keyed mark of something by which a case can be found, at the time of its receipt.

    In the order in which cases are listed. Cases of the same moment share their marks.
    """

    __tablename__ = "case_word"

    mark: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    received_at: Mapped[datetime] = mapped_column(primary_key=True)


class CaseLookup(Base):
    """A lookup made before its case was saved, tied to it at registration; each lookup to one case only."""

    __tablename__ = "case_lookup"
    __table_args__ = (Index("ix_case_lookup_receipt_number", "receipt_number"),)

    lookup_id: Mapped[UUID] = mapped_column(primary_key=True)
    receipt_number: Mapped[str] = mapped_column(ForeignKey("case_file.receipt_number"))
    kind: Mapped[str] = mapped_column(String(20))
    result: Mapped[str] = mapped_column(String(40))
    answered_at: Mapped[datetime]


class CaseChangeHead(Base):
    """The one row that every change of a case locks: how many changes there are."""

    __tablename__ = "case_change_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)


class CaseChange(Base):
    """One change of a case, numbered from 1 over the whole service, without gaps and in commit order.

    `status` and `version` are the case's after it. `details_sealed` holds old and new values, encrypted; a
    registration has none.
    """

    __tablename__ = "case_change"
    __table_args__ = (
        UniqueConstraint("receipt_number", "version"),
        Index("ix_case_change_agency_code", "agency_code", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    receipt_number: Mapped[str] = mapped_column(ForeignKey("case_file.receipt_number"))
    agency_code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(30))
    version: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    officer: Mapped[str | None] = mapped_column(String(64))
    client: Mapped[str | None] = mapped_column(String(64))
    details_sealed: Mapped[bytes | None]


class Webhook(Base):
    """Somebody to whom changes of cases are sent, one after the other; `delivered_to` is the last sent.

    `failures` counts the tries of the next one that failed; `next_at` is when to try again. Who delivers
    holds the row by `leased_until`.
    """

    __tablename__ = "webhook"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2000))
    agency_code: Mapped[str] = mapped_column(ForeignKey("agency.code"))
    secret_sealed: Mapped[bytes]
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    delivered_to: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(Integer)
    last_failure: Mapped[str | None] = mapped_column(String(40))
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]


class WebhookDeadLetter(Base):
    """A change that a webhook did not take and that is no longer tried, but on request."""

    __tablename__ = "webhook_dead_letter"

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    failure: Mapped[str] = mapped_column(String(40))
    given_up_at: Mapped[datetime]
    is_to_resend: Mapped[bool]


class KeptAnswer(Base):
    """The first answer to a request with an Idempotency-Key, encrypted.

    `key_ref` is the keyed reference of the caller and the key, `request_ref` that of what was asked.
    """

    __tablename__ = "kept_answer"
    __table_args__ = (Index("ix_kept_answer_kept_at", "kept_at"),)

    key_ref: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    request_ref: Mapped[bytes] = mapped_column(LargeBinary(32))
    answer_sealed: Mapped[bytes]
    kept_at: Mapped[datetime]
