"""Shapes of procedures on the wire."""

from typing import Annotated, Final, Self

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.case_status import ProcedureLevel
from app.domain.directory import Procedure
from app.domain.lookup_kind import LookupKind
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.checked import Checked, refuse
from app.schemas.cursors import CURSOR_FORM, InvalidCursorError, NextCursor, decode_cursor, encode_cursor
from app.schemas.terms import term
from app.schemas.texts import ProcedureCode
from app.schemas.times import DEFAULT_LIMIT, Limit
from app.services.procedures import ProcedurePage

PROCEDURE_CODE_MAX_LENGTH: Final = 40

PROCEDURE_EXAMPLE: Final[JsonDict] = {
    "code": "1.000894",
    "name": "Đăng ký kết hôn",
    "level": "partial",
    "processing_days": 5,
    "national_code": "1.000894",
    "is_active": True,
    "lookups": ["id-card", "citizen-share"],
    "share_fields": ["citizen.full_name", "citizen.gender", "citizen.birth_date", "spouse"],
}


def _position(raw: str) -> str:
    try:
        (code,) = decode_cursor(raw, parts=1)
    except InvalidCursorError:
        refuse("invalid-cursor")
    if len(code) > PROCEDURE_CODE_MAX_LENGTH:
        refuse("invalid-cursor")
    return code


class ProcedureListQuery(RequestSchema):
    """Which page of the procedures is wanted."""

    limit: Limit = DEFAULT_LIMIT
    cursor: (
        Annotated[
            str,
            Checked(_position, CURSOR_FORM),
            term("Where the next page begins, as the page before gave it.", "con trỏ trang"),
        ]
        | None
    ) = None


class ProcedureRead(ResponseSchema):
    """An administrative procedure (thủ tục hành chính) and what it may ask the register."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROCEDURE_EXAMPLE]})

    code: ProcedureCode
    name: Annotated[str, term("Name of the procedure.", "tên thủ tục")]
    level: Annotated[ProcedureLevel, term("How far it can be done online.", "mức độ")]
    processing_days: Annotated[int, term("Working days until the result is due.", "thời hạn giải quyết")]
    national_code: Annotated[str, term("Code sent to the population database, MaDVC.", "mã dịch vụ công")]
    is_active: Annotated[bool, term("Whether cases and lookups may name it.", "còn hiệu lực")]
    lookups: Annotated[list[LookupKind], term("Lookups that it allows.", "loại tra cứu được phép")]
    share_fields: Annotated[
        list[str],
        term(
            "Citizen fields that it may receive; a group stands for all of it but the sensitive ones.",
            "trường thông tin được chia sẻ",
        ),
    ]

    @classmethod
    def of(cls, procedure: Procedure) -> Self:
        """Show a procedure."""
        return cls(
            code=procedure.code,
            name=procedure.name,
            level=ProcedureLevel(procedure.level),
            processing_days=procedure.processing_days,
            national_code=procedure.national_code,
            is_active=procedure.is_active,
            lookups=[kind for kind in LookupKind if kind in procedure.lookups],
            share_fields=list(procedure.share_fields),
        )


class ProcedureListRead(ResponseSchema):
    """A page of procedures in the order of their codes."""

    items: Annotated[list[ProcedureRead], term("The procedures of this page.", "danh sách thủ tục")]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: ProcedurePage) -> Self:
        """Show a page."""
        return cls(
            items=[ProcedureRead.of(procedure) for procedure in page.items],
            next_cursor=None if page.next_code is None else encode_cursor(page.next_code),
        )
