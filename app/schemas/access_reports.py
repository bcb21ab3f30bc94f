"""Shapes of the report on who looked at a person."""

from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.access_report import AccessPage, AccessStatus
from app.domain.identity_number import IdentityNumber
from app.domain.lookup_kind import LookupKind
from app.schemas.audit import PositionInLog
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.cursors import NextCursor, encode_cursor
from app.schemas.terms import term
from app.schemas.texts import IdNumber, VietnamTime
from app.schemas.times import DEFAULT_LIMIT, BodyLimit, TimeOrDay

_EXAMPLE: Final[JsonDict] = {"id_number": "100190000001", "from": "2026-11-01", "to": "2026-12-01"}


class AccessReportRequest(RequestSchema):
    """Of whom the report is to be; in the body, because a number has no place in an address."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id_number: IdNumber
    since: Annotated[
        TimeOrDay | None, term("Looks on record at or after this time or day.", "từ thời điểm", alias="from")
    ] = None
    until: Annotated[
        TimeOrDay | None, term("Looks on record before this time or day.", "đến trước thời điểm", alias="to")
    ] = None
    limit: BodyLimit = DEFAULT_LIMIT
    cursor: PositionInLog | None = None

    def to_number(self) -> IdentityNumber:
        """Convert to the domain's value."""
        return IdentityNumber(self.id_number)


class AccessEntryRead(ResponseSchema):
    """One look at the person (lượt tra cứu)."""

    status: Annotated[
        AccessStatus,
        term(
            "What became of it: answered by the register or failed there; open; abandoned; refused before "
            "the register was asked; or reported, when an auditor read this report.",
            "tình trạng",
        ),
    ]
    at: Annotated[VietnamTime, term("When it began.", "thời điểm")]
    lookup_id: Annotated[UUID | None, term("Id of the lookup.", "mã tra cứu")]
    lookup_kind: Annotated[LookupKind | None, term("Kind of the lookup.", "loại tra cứu")]
    officer: Annotated[str | None, term("User name of the officer.", "cán bộ")]
    agency: Annotated[str | None, term("Code of the agency.", "mã định danh cơ quan")]
    client: Annotated[str | None, term("Id of the system that called.", "hệ thống kết nối")]
    source_address: Annotated[str | None, term("Address the call came from.", "địa chỉ nguồn")]
    procedure_code: Annotated[str | None, term("Code of the procedure.", "mã thủ tục")]
    receipt_number: Annotated[
        str | None, term("The case it was made for, or was tied to at its registration.", "số biên nhận")
    ]
    roles: Annotated[
        list[str], term("As what: claimed, head, member or reported.", "vai trò của người được tra cứu")
    ]
    fields_asked: Annotated[list[str], term("Fields asked for.", "các trường thông tin yêu cầu")]
    fields_given: Annotated[list[str], term("Fields given.", "các trường thông tin đã cung cấp")]
    result: Annotated[str | None, term("How it ended.", "kết quả")]
    sequences: Annotated[list[int], term("The audit records that say so.", "số thứ tự các bản ghi")]


class AccessReportRead(ResponseSchema):
    """A page of the looks at a person, the latest first (báo cáo truy cập thông tin công dân)."""

    items: Annotated[list[AccessEntryRead], term("The looks of this page.", "các lượt tra cứu")]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: AccessPage) -> Self:
        """Show a page."""
        return cls(
            items=[AccessEntryRead.model_validate(entry) for entry in page.entries],
            next_cursor=None if page.next_before is None else encode_cursor(str(page.next_before)),
        )
