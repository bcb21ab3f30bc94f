"""What callers are shown of what happened to cases."""

import re
from typing import Annotated, Any, Final, Self
from uuid import UUID

from app.domain.case_change import (
    ChangeKind,
    FeedItem,
    FeedPage,
    HistoryEntry,
    HistoryPage,
    HistoryPosition,
)
from app.domain.case_status import CaseStatus
from app.domain.lookup_kind import LookupKind
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.checked import Checked, refuse
from app.schemas.cursors import (
    CURSOR_FORM,
    InvalidCursorError,
    NextCursor,
    decode_cursor,
    decode_time,
    encode_cursor,
    encode_time,
)
from app.schemas.terms import term
from app.schemas.texts import ReceiptNumber, VietnamTime
from app.schemas.times import DEFAULT_LIMIT, Limit

_ORDER: Final = re.compile(
    r"change-[0-9]{9}-[0-9]{3}|lookup-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII
)
# Fifteen digits are exact in every JSON reader.
_AFTER: Final = re.compile(r"0|[1-9][0-9]{0,14}")


def _position(raw: str) -> HistoryPosition:
    try:
        at, order = decode_cursor(raw, parts=2)
        position = HistoryPosition(decode_time(at), order)
    except InvalidCursorError:
        refuse("invalid-cursor")
    if not _ORDER.fullmatch(order):
        refuse("invalid-cursor")
    return position


def _after(raw: str) -> int:
    if not _AFTER.fullmatch(raw):
        refuse("out-of-range")
    return int(raw)


class HistoryQuery(RequestSchema):
    """Which page of a case's history is wanted."""

    limit: Limit = DEFAULT_LIMIT
    cursor: (
        Annotated[
            HistoryPosition,
            Checked(_position, CURSOR_FORM),
            term("Where the next page begins, as the page before gave it.", "con trỏ trang"),
        ]
        | None
    ) = None


class FeedQuery(RequestSchema):
    """From where on changes are wanted."""

    after: (
        Annotated[
            int,
            Checked(_after, {"pattern": f"^({_AFTER.pattern})$"}),
            term(
                "Sequence of the last change that the caller has; without it, from the first on.",
                "sau số thứ tự",
                examples=["0"],
            ),
        ]
        | None
    ) = None
    limit: Limit = DEFAULT_LIMIT


_At = Annotated[VietnamTime, term("When it happened.", "thời điểm")]
_Officer = Annotated[str | None, term("Officer who did it; null for a system.", "cán bộ")]
_Client = Annotated[str | None, term("System through which it was done, if any.", "hệ thống kết nối")]


class CaseChangeRead(ResponseSchema):
    """One member of a case that changed (thay đổi của hồ sơ)."""

    at: _At
    officer: _Officer
    client: _Client
    field: Annotated[str, term("The member that changed, as a dotted path.", "trường thay đổi")]
    old: Annotated[Any, term("Its value before; null where there was none.", "giá trị cũ")]
    new: Annotated[Any, term("Its value afterwards; null where there is none.", "giá trị mới")]
    note: Annotated[str | None, term("The note that was given for the change.", "nội dung xử lý")]


class CaseLookupEntryRead(ResponseSchema):
    """A lookup that belongs to a case (lượt tra cứu); one that failed has the failure's code as result."""

    at: _At
    officer: _Officer
    client: _Client
    lookup_id: Annotated[UUID, term("Id of a lookup.", "mã tra cứu")]
    kind: Annotated[LookupKind, term("What was asked.", "loại tra cứu")]
    result: Annotated[str, term("How it ended.", "kết quả tra cứu")]


class CaseHistoryRead(ResponseSchema):
    """A page of what happened to a case, oldest first."""

    items: Annotated[
        list[CaseChangeRead | CaseLookupEntryRead], term("What happened, oldest first.", "lịch sử hồ sơ")
    ]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: HistoryPage) -> Self:
        """Show a page."""
        place = page.next_position
        return cls(
            items=[_entry(entry) for entry in page.entries],
            next_cursor=place and encode_cursor(encode_time(place.at), place.order),
        )


class CaseFeedItemRead(ResponseSchema):
    """One change of a case, without personal data (thay đổi của hồ sơ)."""

    sequence: Annotated[
        int,
        term(
            "Counts the changes over the whole service from 1, without gaps and in the order of commits.",
            "số thứ tự",
        ),
    ]
    receipt_number: ReceiptNumber
    change: Annotated[ChangeKind, term("What happened.", "loại thay đổi")]
    status: Annotated[CaseStatus, term("The case's status after it.", "trạng thái hồ sơ")]
    at: _At

    @classmethod
    def of(cls, item: FeedItem) -> Self:
        """Show a change."""
        return cls(
            sequence=item.sequence,
            receipt_number=item.receipt_number,
            change=item.kind,
            status=item.status,
            at=item.at,
        )


class CaseFeedRead(ResponseSchema):
    """Changes of cases in the order of their commits."""

    items: Annotated[list[CaseFeedItemRead], term("The changes, oldest first.", "các thay đổi")]
    next_cursor: Annotated[
        str | None,
        term(
            "What to send as `after` for those that follow already; null where none does.",
            "con trỏ trang tiếp theo",
        ),
    ]

    @classmethod
    def of(cls, page: FeedPage) -> Self:
        """Show a page."""
        return cls(
            items=[CaseFeedItemRead.of(item) for item in page.items],
            next_cursor=str(page.items[-1].sequence) if page.has_more else None,
        )


def _entry(entry: HistoryEntry) -> CaseChangeRead | CaseLookupEntryRead:
    who = {"at": entry.at, "officer": entry.officer, "client": entry.client}
    if entry.change is None:
        return CaseLookupEntryRead.model_validate(
            who | {"lookup_id": entry.lookup_id, "kind": entry.lookup_kind, "result": entry.result}
        )
    change = entry.change
    return CaseChangeRead.model_validate(
        who | {"field": change.name, "old": change.old, "new": change.new, "note": entry.note}
    )
