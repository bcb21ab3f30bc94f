"""Shapes of procedures on the wire."""

from datetime import date
from typing import Annotated, Final, Self

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.case_status import ProcedureLevel
from app.domain.directory import Procedure
from app.domain.lookup_kind import LookupKind
from app.domain.share_fields import VOCABULARY
from app.errors import FieldFaultError
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.cursors import NextCursor, encode_cursor
from app.schemas.lookups import ShareField
from app.schemas.terms import term
from app.schemas.texts import ProcedureCode, VietnamTime, text, unrepeated
from app.schemas.times import Time
from app.services.procedures import DueDate, ProcedurePage

MAX_PROCESSING_DAYS: Final = 1_000

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

DUE_DATE_EXAMPLE: Final[JsonDict] = {
    "received_at": "2026-11-23T08:00:00+07:00",
    "due_at": "2026-12-01T08:00:00+07:00",
    "days_off": [{"date": "2026-11-24", "name": "Ngày Văn hóa Việt Nam"}],
}


class ProcedurePut(RequestSchema):
    """A whole procedure, to be created or to replace the one of its code (thủ tục hành chính)."""

    # Without the code, which is the path's.
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{name: value for name, value in PROCEDURE_EXAMPLE.items() if name != "code"}]
        }
    )

    code: Annotated[ProcedureCode, term("The path's code, if sent at all.", "mã thủ tục")] | None = None
    name: Annotated[
        str,
        text(max_length=300),
        term("Name of the procedure.", "tên thủ tục", examples=["Đăng ký kết hôn"]),
    ]
    level: Annotated[ProcedureLevel, term("How far it can be done online.", "mức độ")]
    processing_days: Annotated[
        int,
        term(
            "Working days until the result is due; 0 is at once.",
            "thời hạn giải quyết",
            ge=0,
            le=MAX_PROCESSING_DAYS,
        ),
    ]
    national_code: (
        Annotated[
            ProcedureCode,
            term("Code sent to the population database, MaDVC; default the code itself.", "mã dịch vụ công"),
        ]
        | None
    ) = None
    is_active: Annotated[bool, term("Whether cases and lookups may name it.", "còn hiệu lực")]
    lookups: Annotated[
        list[LookupKind],
        term("Lookups that it allows.", "loại tra cứu được phép", max_length=len(LookupKind)),
        unrepeated(),
    ]
    share_fields: Annotated[
        list[ShareField],
        term(
            "Citizen fields that it may receive; a group stands for all of it but the sensitive ones.",
            "trường thông tin được chia sẻ",
            max_length=len(VOCABULARY),
        ),
        unrepeated(),
    ]

    def to_procedure(self, code: str) -> Procedure:
        """Convert to the domain's value.

        Raises:
            FieldFaultError: the body's code is not the path's.
        """
        if self.code not in {None, code}:
            raise FieldFaultError("/code", "not-allowed")
        return Procedure(
            code=code,
            name=self.name,
            level=self.level.value,
            processing_days=self.processing_days,
            national_code=self.national_code or code,
            is_active=self.is_active,
            lookups=frozenset(self.lookups),
            share_fields=tuple(self.share_fields),
        )


class DueDateQuery(RequestSchema):
    """When the case would be received."""

    received_at: (
        Annotated[
            Time,
            term(
                "When the case would be received; left out, now.",
                "thời điểm tiếp nhận",
                examples=["2026-11-23T08:00:00+07:00"],
            ),
        ]
        | None
    ) = None


class DayOffRead(ResponseSchema):
    """A named day off."""

    date: Annotated[date, term("The day.", "ngày nghỉ")]
    name: Annotated[str, term("Name of the day.", "tên ngày nghỉ")]


class DueDateRead(ResponseSchema):
    """When a case would be due (ngày hẹn trả), and which named days off lie before."""

    model_config = ConfigDict(json_schema_extra={"examples": [DUE_DATE_EXAMPLE]})

    received_at: Annotated[VietnamTime, term("When the case would be received.", "thời điểm tiếp nhận")]
    due_at: Annotated[VietnamTime, term("When the result would be due.", "ngày hẹn trả")]
    days_off: Annotated[
        list[DayOffRead], term("Named days off from receipt to due date, both included.", "các ngày nghỉ")
    ]

    @classmethod
    def of(cls, due_date: DueDate) -> Self:
        """Show a due date."""
        return cls(
            received_at=due_date.received_at,
            due_at=due_date.due_at,
            days_off=[DayOffRead(date=day, name=name) for day, name in due_date.days_off],
        )


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
