"""What callers send to change a case."""

from typing import Annotated, Any, Final

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.case import Document
from app.domain.case_change import Edits
from app.domain.case_status import CaseStatus, PaymentStatus
from app.schemas.base import RequestSchema
from app.schemas.case_texts import Address, Email, FieldVisitDay, OrganizationName, Phone
from app.schemas.cases import MAX_DOCUMENTS, DocumentRequest
from app.schemas.terms import term
from app.schemas.texts import BLANK_IS_NONE, Note, RelatedUrl, multiline_text

STEP_EXAMPLE: Final[JsonDict] = {"to": "in_progress", "note": None}
PATCH_EXAMPLE: Final[JsonDict] = {
    "applicant": {"phone": "0912 345 678"},
    "note": "Bổ sung bản sao giấy khai sinh",
    "documents": [{"name": "Tờ khai", "copies": 1, "form": "original"}],
    "payment_status": "paid",
}


_StepNote = Annotated[
    str,
    multiline_text(max_length=2_000),
    term(
        "Why; `rejected`, `supplement_requested` and `stopped` need it.",
        "nội dung xử lý",
        examples=["Đề nghị bổ sung bản sao giấy khai sinh"],
    ),
]


class StatusStepRequest(RequestSchema):
    """A step of a case's status (cập nhật trạng thái hồ sơ)."""

    model_config = ConfigDict(json_schema_extra={"examples": [STEP_EXAMPLE]})

    to: Annotated[CaseStatus, term("The status that the case gets.", "trạng thái hồ sơ")]
    note: Annotated[_StepNote | None, BLANK_IS_NONE] = None


class ApplicantPatch(RequestSchema):
    """How to reach the applicant (người nộp hồ sơ)."""

    phone: Phone | None = None
    email: Email | None = None
    address: Address | None = None


class CasePatch(RequestSchema):
    """Edits of a case, as a merge patch (RFC 7396): what is not named stays, null empties.

    `documents` are replaced as a whole; `payment_status` null is `not_required`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [PATCH_EXAMPLE]})

    applicant: Annotated[ApplicantPatch, term("How to reach the applicant.", "người nộp hồ sơ")] = (
        ApplicantPatch()
    )
    organization_name: OrganizationName | None = None
    field_visit_on: FieldVisitDay | None = None
    note: Annotated[Note | None, BLANK_IS_NONE] = None
    related_url: RelatedUrl | None = None
    documents: (
        Annotated[
            tuple[DocumentRequest, ...],
            term("Papers handed in.", "giấy tờ nộp kèm", max_length=MAX_DOCUMENTS),
        ]
        | None
    ) = None
    payment_status: (
        Annotated[PaymentStatus, term("Where the fee stands.", "trạng thái thanh toán")] | None
    ) = None

    def to_edits(self) -> Edits:
        """Convert to the domain's value: the members that were sent, and no others."""
        edits: dict[str, Any] = {
            name: getattr(self, name) for name in self.model_fields_set if name != "applicant"
        }
        edits |= {
            f"applicant.{name}": getattr(self.applicant, name) for name in self.applicant.model_fields_set
        }
        if "documents" in edits:
            edits["documents"] = tuple(
                Document(item.name, item.copies, item.form) for item in self.documents or ()
            )
        if "payment_status" in edits:
            edits["payment_status"] = self.payment_status or PaymentStatus.NOT_REQUIRED
        return edits
