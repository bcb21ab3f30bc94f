"""Shapes of the audit log on the wire."""

import json
import re
from base64 import b64encode
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import ConfigDict

from app.domain.audit_event import AuditKind
from app.domain.audit_search import AuditFilters, AuditPage, StoredRecord
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.checked import Checked, refuse
from app.schemas.cursors import CURSOR_FORM, InvalidCursorError, NextCursor, decode_cursor, encode_cursor
from app.schemas.terms import term
from app.schemas.texts import AgencyCode, ReceiptNumber, text
from app.schemas.times import DEFAULT_LIMIT, Limit, TimeOrDay

# Fifteen digits are exact in every JSON reader; the record of the reading holds the sequence that was asked.
_SEQUENCE: Final = re.compile(r"0|[1-9][0-9]{0,14}")
_INSTANT: Final = "2026-11-23T05:00:00.000000Z"


def _sequence(raw: str) -> int:
    if not _SEQUENCE.fullmatch(raw):
        refuse("out-of-range")
    return int(raw)


def _before(raw: str) -> int:
    try:
        (sequence,) = decode_cursor(raw, parts=1)
    except InvalidCursorError:
        refuse("invalid-cursor")
    if not _SEQUENCE.fullmatch(sequence):
        refuse("invalid-cursor")
    return int(sequence)


SequenceInPath = Annotated[
    int,
    Checked(_sequence, {"pattern": f"^({_SEQUENCE.pattern})$"}),
    term("Zero-based index of the record.", "số thứ tự bản ghi", examples=["0"]),
]

PositionInLog = Annotated[
    int,
    Checked(_before, CURSOR_FORM),
    term("Where the next page begins, as the page before gave it.", "con trỏ trang"),
]
"""A cursor; the value is the sequence before which the next page begins."""


class AuditRecordQuery(RequestSchema):
    """Which records are wanted, and which page of them."""

    officer: (
        Annotated[
            str,
            text(max_length=64),
            term("Only records of this officer.", "cán bộ", examples=["receiver"]),
        ]
        | None
    ) = None
    agency: AgencyCode | None = None
    kind: Annotated[AuditKind, term("Only records of this kind.", "loại bản ghi")] | None = None
    lookup_id: Annotated[UUID, term("Only records of this lookup.", "mã tra cứu")] | None = None
    receipt_number: ReceiptNumber | None = None
    since: Annotated[
        TimeOrDay | None, term("At or after this time or day.", "từ thời điểm", alias="from")
    ] = None
    until: Annotated[
        TimeOrDay | None, term("Before this time or day.", "đến trước thời điểm", alias="to")
    ] = None
    limit: Limit = DEFAULT_LIMIT
    cursor: PositionInLog | None = None

    def to_filters(self) -> AuditFilters:
        """Convert to the domain's value."""
        return AuditFilters(
            officer=self.officer,
            agency=self.agency,
            kind=self.kind,
            lookup_id=self.lookup_id,
            receipt_number=self.receipt_number,
            since=self.since,
            until=self.until,
        )


class AuditSubjectRead(ResponseSchema):
    """A person concerned; who it is can be read only with the service's keys."""

    model_config = ConfigDict(extra="allow")

    role: Annotated[
        str, term("As what: claimed, head, member or reported.", "vai trò của người được tra cứu")
    ]
    ref: Annotated[str, term("Keyed reference of the number, base64.", "mã tham chiếu")]
    sealed: Annotated[str, term("The number, encrypted, base64.", "số định danh đã mã hóa")]


class AuditRecordContentRead(ResponseSchema):
    """The record exactly as it is stored: its RFC 8785 form are the bytes of which the leaf hash is made.

    Therefore every value is shown as it stands, and so is a member that a later version adds. Times are in
    UTC with six decimals.
    """

    model_config = ConfigDict(extra="allow")

    event_id: Annotated[str, term("Id of the event.", "mã sự kiện")]
    kind: Annotated[str, term("Kind of the record.", "loại bản ghi", examples=["OUTCOME"])]
    at: Annotated[str, term("When it happened.", "thời điểm", examples=[_INSTANT])]
    lookup_id: Annotated[str | None, term("Id of the lookup.", "mã tra cứu")]
    lookup_kind: Annotated[str | None, term("Kind of the lookup.", "loại tra cứu", examples=["id-card"])]
    officer: Annotated[str | None, term("User name of the officer.", "cán bộ")]
    agency: Annotated[str | None, term("Code of the agency.", "mã định danh cơ quan")]
    client: Annotated[str | None, term("Id of the system that called.", "hệ thống kết nối")]
    source_address: Annotated[str | None, term("Address the call came from.", "địa chỉ nguồn")]
    procedure_code: Annotated[str | None, term("Code of the procedure.", "mã thủ tục")]
    receipt_number: Annotated[str | None, term("Number printed on the receipt.", "số biên nhận")]
    purpose_sealed: Annotated[
        str | None, term("Why the lookup was made, encrypted, base64.", "mục đích tra cứu đã mã hóa")
    ]
    fields_asked: Annotated[list[str], term("Fields asked for.", "các trường thông tin yêu cầu")]
    fields_given: Annotated[list[str], term("Fields given.", "các trường thông tin đã cung cấp")]
    subjects: Annotated[list[AuditSubjectRead], term("Persons concerned.", "những người được tra cứu")]
    result: Annotated[str | None, term("How it ended.", "kết quả")]
    upstream_request_id: Annotated[str | None, term("The request's id upstream, MaYeuCau.", "mã yêu cầu")]
    details: Annotated[dict[str, bool | str | int | list[str]], term("Further codes and ids.", "chi tiết")]


class AuditRecordRead(ResponseSchema):
    """A record of the audit log with its place (bản ghi kiểm toán)."""

    sequence: Annotated[int, term("Zero-based index of the record.", "số thứ tự bản ghi")]
    record: Annotated[
        AuditRecordContentRead | None,
        term("The record as stored; null once its retention has ended.", "nội dung bản ghi"),
    ]
    leaf_hash: Annotated[
        str,
        term("SHA-256 of a zero byte and the record's RFC 8785 bytes, base64.", "giá trị băm của bản ghi"),
    ]

    @classmethod
    def of(cls, stored: StoredRecord) -> Self:
        """Show a record."""
        return cls(
            sequence=stored.sequence,
            record=None
            if stored.content is None
            else AuditRecordContentRead.model_validate(json.loads(stored.content)),
            leaf_hash=b64encode(stored.leaf_hash).decode(),
        )


class AuditRecordListRead(ResponseSchema):
    """A page of records, newest first."""

    items: Annotated[list[AuditRecordRead], term("The records of this page.", "danh sách bản ghi")]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: AuditPage) -> Self:
        """Show a page."""
        return cls(
            items=[AuditRecordRead.of(stored) for stored in page.items],
            next_cursor=None if page.next_before is None else encode_cursor(str(page.next_before)),
        )
