"""What callers send about cases."""

from typing import Annotated, Final

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.case import Applicant, CaseContent, CaseFilters, CasePosition, CaseRegistration, Document
from app.domain.case_status import CaseStatus, Channel, DocumentForm
from app.domain.receipt_number import is_receipt_number
from app.schemas.base import RequestSchema
from app.schemas.case_texts import (
    Address,
    DocumentName,
    Email,
    FieldVisitDay,
    LookupId,
    OrganizationName,
    OtherDocument,
    Phone,
)
from app.schemas.checked import Checked, refuse
from app.schemas.cursors import CURSOR_FORM, InvalidCursorError, decode_cursor, decode_time
from app.schemas.terms import term
from app.schemas.texts import (
    BLANK_IS_NONE,
    AgencyCode,
    BirthDate,
    FullName,
    IdNumber,
    Note,
    ProcedureCode,
    RelatedUrl,
    unrepeated,
)
from app.schemas.times import DEFAULT_LIMIT, Flag, Limit, TimeOrDay

MAX_DOCUMENTS: Final = 100
MAX_LOOKUPS: Final = 100
MAX_COPIES: Final = 1_000

REGISTER_EXAMPLE: Final[JsonDict] = {
    "procedure_code": "1.004194",
    "channel": "in_person",
    "applicant": {
        "full_name": "NGUYỄN THỊ MINH NGỌC",
        "id_number": "100190000001",
        "birth_date": "1990-07-30",
        "phone": None,
        "email": None,
        "address": None,
    },
    "organization_name": None,
    "field_visit_on": None,
    "note": None,
    "related_url": None,
    "documents": [{"name": "Tờ khai", "copies": 1, "form": "original"}],
    "lookup_ids": [],
}


class DocumentRequest(RequestSchema):
    """One of the papers handed in (giấy tờ nộp kèm)."""

    name: DocumentName
    copies: Annotated[int, term("How many of it.", "số bản", ge=1, le=MAX_COPIES, examples=[1])]
    form: Annotated[DocumentForm, term("In which form.", "hình thức giấy tờ")]


class ApplicantRequest(RequestSchema):
    """Who hands the case in (người nộp hồ sơ): with a number, or with another paper if there is none."""

    full_name: FullName
    id_number: IdNumber | None = None
    birth_date: BirthDate
    phone: Phone | None = None
    email: Email | None = None
    address: Address | None = None
    other_document: OtherDocument | None = None


class RegisterCaseRequest(RequestSchema):
    """Register a case (tiếp nhận hồ sơ)."""

    model_config = ConfigDict(json_schema_extra={"examples": [REGISTER_EXAMPLE]})

    procedure_code: ProcedureCode
    agency_code: AgencyCode | None = None
    channel: Annotated[Channel, term("How it was handed in.", "kênh thực hiện")]
    applicant: Annotated[ApplicantRequest, term("Who hands it in.", "người nộp hồ sơ")]
    organization_name: OrganizationName | None = None
    field_visit_on: FieldVisitDay | None = None
    note: Annotated[Note | None, BLANK_IS_NONE] = None
    related_url: RelatedUrl | None = None
    documents: Annotated[
        tuple[DocumentRequest, ...],
        term("Papers handed in.", "giấy tờ nộp kèm", max_length=MAX_DOCUMENTS),
    ] = ()
    lookup_ids: Annotated[
        tuple[LookupId, ...],
        term("Lookups made for it before it was saved.", "các lượt tra cứu", max_length=MAX_LOOKUPS),
        unrepeated(),
    ] = ()

    def to_registration(self) -> CaseRegistration:
        """Convert to the domain's value."""
        return CaseRegistration(
            procedure_code=self.procedure_code,
            agency_code=self.agency_code,
            channel=self.channel,
            field_visit_on=self.field_visit_on,
            lookup_ids=self.lookup_ids,
            content=CaseContent(
                applicant=Applicant(**dict(self.applicant)),
                organization_name=self.organization_name,
                note=self.note,
                related_url=self.related_url,
                documents=tuple(Document(item.name, item.copies, item.form) for item in self.documents),
            ),
        )


def _position(raw: str) -> CasePosition:
    try:
        received_at, receipt_number = decode_cursor(raw, parts=2)
        position = CasePosition(decode_time(received_at), receipt_number)
    except InvalidCursorError:
        refuse("invalid-cursor")
    if not is_receipt_number(receipt_number):
        refuse("invalid-cursor")
    return position


CaseCursor = Annotated[
    CasePosition,
    Checked(_position, CURSOR_FORM),
    term("Where the next page begins, as the page before gave it.", "con trỏ trang"),
]


class CaseFilterFields(RequestSchema):
    """The filters of lists and searches; `overdue` is text in a URL and a boolean in a body."""

    status: Annotated[CaseStatus, term("Only cases in this status.", "trạng thái hồ sơ")] | None = None
    procedure_code: ProcedureCode | None = None
    received_from: (
        Annotated[TimeOrDay, term("Received at or after this time or day.", "tiếp nhận từ")] | None
    ) = None
    received_to: (
        Annotated[TimeOrDay, term("Received before this time or day.", "tiếp nhận đến trước")] | None
    ) = None
    due_before: Annotated[TimeOrDay, term("Due before this time or day.", "hẹn trả trước")] | None = None
    overdue: bool | None = None
    channel: Annotated[Channel, term("Only cases handed in this way.", "kênh thực hiện")] | None = None

    def to_filters(self) -> CaseFilters:
        """Convert to the domain's value."""
        return CaseFilters(
            status=self.status,
            procedure_code=self.procedure_code,
            channel=self.channel,
            received_from=self.received_from,
            received_to=self.received_to,
            due_before=self.due_before,
            is_overdue=self.overdue,
        )


class CaseListQuery(CaseFilterFields):
    """Which cases are wanted, and which page of them."""

    overdue: Annotated[Flag, term("Only overdue cases, or only others.", "quá hạn")] | None = None
    limit: Limit = DEFAULT_LIMIT
    cursor: CaseCursor | None = None
