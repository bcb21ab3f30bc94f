"""What callers are shown of cases."""

from datetime import date
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.case import Case, CasePage
from app.domain.case_status import CaseStatus, Channel, DocumentForm, PaymentStatus, ProcedureLevel
from app.domain.lookup_kind import LookupKind
from app.schemas.base import ResponseSchema
from app.schemas.cursors import NextCursor, encode_cursor, encode_time
from app.schemas.terms import term
from app.schemas.texts import AgencyCode, ProcedureCode, ReceiptNumber, VietnamTime

CASE_EXAMPLE: Final[JsonDict] = {
    "receipt_number": "H24.15-261123-0001",
    "agency": {"code": "H24.15", "name": "Ủy ban nhân dân phường Thử Nghiệm"},
    "procedure": {
        "code": "1.004194",
        "name": "Đăng ký tạm trú",
        "level": "full_online",
        "processing_days": 3,
    },
    "channel": "in_person",
    "applicant": {
        "full_name": "NGUYỄN THỊ MINH NGỌC",
        "id_number": "100190000001",
        "birth_date": "1990-07-30",
        "phone": None,
        "email": None,
        "address": None,
        "other_document": None,
    },
    "organization_name": None,
    "status": "received",
    "status_code": 2,
    "status_label": "Được tiếp nhận",
    "received_at": "2026-11-23T08:00:00+07:00",
    "due_at": "2026-11-27T08:00:00+07:00",
    "field_visit_on": None,
    "returned_at": None,
    "hours_left": 24.0,
    "is_overdue": False,
    "payment_status": "not_required",
    "note": None,
    "related_url": None,
    "documents": [{"name": "Tờ khai", "copies": 1, "form": "original"}],
    "lookups": [
        {
            "lookup_id": "6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11",
            "kind": "id-card",
            "result": "exists",
            "answered_at": "2026-11-23T07:58:12+07:00",
        }
    ],
    "version": 1,
}


class CaseAgencyRead(ResponseSchema):
    """The agency that received a case (cơ quan tiếp nhận)."""

    code: AgencyCode
    name: Annotated[str, term("Name of the agency.", "tên cơ quan")]


class CaseProcedureRead(ResponseSchema):
    """The procedure as it stood when the case was registered (thủ tục hành chính)."""

    code: ProcedureCode
    name: Annotated[str, term("Name of the procedure.", "tên thủ tục")]
    level: Annotated[ProcedureLevel, term("How far it can be done online.", "mức độ")]
    processing_days: Annotated[int, term("Working days until the result is due.", "thời hạn giải quyết")]


class ApplicantRead(ResponseSchema):
    """Who handed the case in (người nộp hồ sơ)."""

    full_name: Annotated[str, term("Full name as on the person's papers.", "họ, chữ đệm và tên")]
    id_number: Annotated[
        str | None,
        term("Identity number, masked in lists.", "số định danh cá nhân hoặc số CMND"),
    ]
    birth_date: Annotated[
        str,
        term("Birth date, or only its year and month, or only its year.", "ngày, tháng, năm sinh"),
    ]
    phone: Annotated[str | None, term("Telephone number.", "số điện thoại")]
    email: Annotated[str | None, term("E-mail address.", "thư điện tử")]
    address: Annotated[str | None, term("Address for letters.", "địa chỉ liên hệ")]
    other_document: Annotated[
        str | None,
        term("Passport or other paper of a person without an identity number.", "giấy tờ khác"),
    ]


class DocumentRead(ResponseSchema):
    """One of the papers handed in (giấy tờ nộp kèm)."""

    name: Annotated[str, term("What the paper is.", "tên giấy tờ")]
    copies: Annotated[int, term("How many of it.", "số bản")]
    form: Annotated[DocumentForm, term("In which form.", "hình thức giấy tờ")]


class CaseLookupRead(ResponseSchema):
    """An answered lookup that belongs to a case (lượt tra cứu)."""

    lookup_id: Annotated[UUID, term("Id of a lookup.", "mã tra cứu")]
    kind: Annotated[LookupKind, term("What was asked.", "loại tra cứu")]
    result: Annotated[str, term("What the population database answered.", "kết quả tra cứu")]
    answered_at: Annotated[VietnamTime, term("When the answer was complete.", "thời điểm trả lời")]


class CaseRead(ResponseSchema):
    """A case (hồ sơ)."""

    model_config = ConfigDict(json_schema_extra={"examples": [CASE_EXAMPLE]})

    receipt_number: ReceiptNumber
    agency: Annotated[CaseAgencyRead, term("Agency that received it.", "cơ quan tiếp nhận")]
    procedure: Annotated[CaseProcedureRead, term("What is asked for.", "thủ tục hành chính")]
    channel: Annotated[Channel, term("How it was handed in.", "kênh thực hiện")]
    applicant: Annotated[ApplicantRead, term("Who handed it in.", "người nộp hồ sơ")]
    organization_name: Annotated[
        str | None, term("Organisation for which the case is handed in.", "tên tổ chức")
    ]
    status: Annotated[CaseStatus, term("Where it stands.", "trạng thái hồ sơ")]
    status_code: Annotated[int, term("National code of the status, 1 to 10.", "mã trạng thái hồ sơ")]
    status_label: Annotated[str, term("The status in Vietnamese.", "tên trạng thái hồ sơ")]
    received_at: Annotated[VietnamTime, term("When it was handed in.", "thời điểm tiếp nhận")]
    due_at: Annotated[
        VietnamTime | None, term("When the result is due; null until it is received.", "ngày hẹn trả")
    ]
    field_visit_on: Annotated[date | None, term("Day of the visit on site.", "ngày thực địa")]
    returned_at: Annotated[VietnamTime | None, term("When the result was handed out.", "ngày trả kết quả")]
    hours_left: Annotated[
        float | None,
        term(
            "Working hours left, negative when late; null without a due date or once the case has ended.",
            "số giờ còn lại",
        ),
    ]
    is_overdue: Annotated[bool, term("Whether it is open after its due date.", "quá hạn")]
    payment_status: Annotated[PaymentStatus, term("Where the fee stands.", "trạng thái thanh toán")]
    note: Annotated[str | None, term("Note for colleagues.", "ghi chú")]
    related_url: Annotated[
        str | None, term("Link to further information on the case.", "đường dẫn liên quan")
    ]
    documents: Annotated[list[DocumentRead], term("Papers handed in.", "giấy tờ nộp kèm")]
    lookups: Annotated[
        list[CaseLookupRead],
        term("Answered lookups made for it, before or after it was saved, oldest first.", "các lượt tra cứu"),
    ]
    version: Annotated[int, term("Counts the changes, from 1.", "phiên bản")]

    @classmethod
    def of(cls, case: Case) -> Self:
        """Show a case."""
        content = case.content
        return cls(
            receipt_number=case.receipt_number,
            agency=CaseAgencyRead.model_validate(case.agency),
            procedure=CaseProcedureRead.model_validate(case.procedure),
            channel=case.channel,
            applicant=ApplicantRead.model_validate(content.applicant),
            organization_name=content.organization_name,
            status=case.status,
            status_code=case.status.number,
            status_label=case.status.label,
            received_at=case.received_at,
            due_at=case.due_at,
            field_visit_on=case.field_visit_on,
            returned_at=case.returned_at,
            hours_left=case.clock.hours_left,
            is_overdue=case.clock.is_overdue,
            payment_status=case.payment_status,
            note=content.note,
            related_url=content.related_url,
            documents=[DocumentRead.model_validate(document) for document in content.documents],
            lookups=[CaseLookupRead.model_validate(lookup) for lookup in case.lookups],
            version=case.version,
        )


class CaseListRead(ResponseSchema):
    """A page of cases, newest first, the applicants' numbers masked."""

    items: Annotated[list[CaseRead], term("The cases of this page.", "danh sách hồ sơ")]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: CasePage) -> Self:
        """Show a page."""
        place = page.next_position
        return cls(
            items=[CaseRead.of(case) for case in page.items],
            next_cursor=place and encode_cursor(encode_time(place.received_at), place.receipt_number),
        )
