"""What stands on the printed receipt (giấy tiếp nhận hồ sơ và hẹn trả kết quả), in words.

The form is Mẫu số 01 of Thông tư 01/2018/TT-VPCP. What the service does not know is None, and left on paper
as a line to fill in by hand.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.domain.case import Case
from app.domain.case_status import CaseStatus, DocumentForm
from app.domain.working_time import VIETNAM_TIME

_FORMS: Final = {
    DocumentForm.ORIGINAL: "Bản chính",
    DocumentForm.CERTIFIED_COPY: "Bản sao chứng thực",
    DocumentForm.COPY: "Bản sao",
    DocumentForm.ELECTRONIC: "Bản điện tử",
}
_NOT_RECEIVED_YET: Final = "Chờ tiếp nhận; thời gian hẹn trả được tính từ khi hồ sơ được tiếp nhận"
_REJECTED: Final = "Hồ sơ không được tiếp nhận"


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """A paper handed in, as a row of the form's table."""

    name: str = field(repr=False)
    form: str
    copies: int


@dataclass(frozen=True, slots=True)
class ReceiptForm:
    """The receipt's fields in the order of the form; times in words and in Vietnam time."""

    agency: str
    receipt_number: str
    counter: str
    applicant: str = field(repr=False)
    organization: str | None = field(repr=False)
    address: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    email: str | None = field(repr=False)
    procedure: str
    documents: tuple[ReceiptDocument, ...]
    processing_days: int
    received: str
    due: str


def receipt_form(case: Case) -> ReceiptForm:
    """Fill the form in for a case."""
    content, applicant = case.content, case.content.applicant
    return ReceiptForm(
        agency=case.agency.name,
        receipt_number=case.receipt_number,
        counter=case.receipt_number.rpartition("-")[2],
        applicant=applicant.full_name,
        organization=content.organization_name,
        address=applicant.address,
        phone=applicant.phone,
        email=applicant.email,
        procedure=f"{case.procedure.name} ({case.procedure.code})",
        documents=tuple(
            ReceiptDocument(document.name, _FORMS[document.form], document.copies)
            for document in content.documents
        ),
        processing_days=case.procedure.processing_days,
        received=in_words(case.received_at),
        due=_due(case),
    )


def in_words(moment: datetime) -> str:
    """Write a moment as the form has it: hour and minute, day, month and year."""
    local = moment.astimezone(VIETNAM_TIME)
    return f"{local:%H} giờ {local:%M} phút, ngày {local:%d} tháng {local:%m} năm {local:%Y}"


def _due(case: Case) -> str:
    if case.due_at is not None:
        return in_words(case.due_at)
    return _REJECTED if case.status is CaseStatus.REJECTED else _NOT_RECEIVED_YET
