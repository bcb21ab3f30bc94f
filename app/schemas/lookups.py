"""Shapes of the three lookups on the wire."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import ConfigDict

from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.lookup import Purpose
from app.domain.partial_date import PartialDate
from app.domain.person_name import PersonName
from app.domain.share_fields import VOCABULARY
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.citizens import SharedCitizen, SharedHouseholdHead, SharedRelative
from app.schemas.terms import term
from app.schemas.texts import (
    BLANK_IS_NONE,
    BirthDate,
    FullName,
    IdNumber,
    ProcedureCode,
    PurposeText,
    ReceiptNumber,
    VietnamTime,
    unrepeated,
)

_PURPOSE_EXAMPLE: Final[dict[str, Any]] = {"procedure_code": "1.004194"}
_CLAIM_EXAMPLE: Final[dict[str, Any]] = {
    "full_name": "NGUYỄN THỊ MINH NGỌC",
    "id_number": "100190000001",
    "birth_date": "1990-07-30",
}

ShareField = Annotated[
    Literal[VOCABULARY],  # type: ignore[valid-type]  # the vocabulary is one table, not two
    term("One member of the record, or a group that stands for its members.", "trường thông tin"),
]


class PurposeRequest(RequestSchema):
    """Why a lookup is made: a procedure, an open case of the own agency, or both if they agree."""

    procedure_code: ProcedureCode | None = None
    receipt_number: ReceiptNumber | None = None
    purpose: Annotated[PurposeText | None, BLANK_IS_NONE] = None

    def to_purpose(self) -> Purpose:
        """Convert to the domain's value."""
        return Purpose(
            procedure_code=self.procedure_code, receipt_number=self.receipt_number, note=self.purpose
        )


class ClaimRequest(RequestSchema):
    """What is said of a person; it matches only as a whole."""

    full_name: FullName
    id_number: IdNumber
    birth_date: BirthDate

    def to_claim(self) -> IdentityClaim:
        """Convert to the domain's value."""
        return IdentityClaim(
            full_name=PersonName(self.full_name),
            id_number=IdentityNumber(self.id_number),
            birth_date=PartialDate.parse(self.birth_date),
        )


class VerifyIdCardRequest(ClaimRequest, PurposeRequest):
    """Verify an identity card (xác thực CCCD/CMND)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PURPOSE_EXAMPLE | _CLAIM_EXAMPLE]})


class HouseholdMemberRequest(RequestSchema):
    """A person of whom it is asked whether he belongs to the household."""

    id_number: IdNumber


class VerifyHouseholdHeadRequest(PurposeRequest):
    """Verify a household's head and members (xác thực chủ hộ)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _PURPOSE_EXAMPLE
                | {"head": _CLAIM_EXAMPLE}
                | {"members": [{"id_number": "100088000002"}, {"id_number": "100999000009"}]}
            ]
        }
    )

    head: Annotated[ClaimRequest, term("The person said to be the head.", "chủ hộ")]
    members: Annotated[
        list[HouseholdMemberRequest],
        term("The persons said to be members.", "danh sách thành viên", min_length=1, max_length=50),
        unrepeated(lambda member: member.id_number),
    ]

    def to_members(self) -> tuple[IdentityNumber, ...]:
        """Convert to the domain's values."""
        return tuple(IdentityNumber(member.id_number) for member in self.members)


class ShareCitizenRequest(ClaimRequest, PurposeRequest):
    """Share a citizen's record (chia sẻ thông tin công dân)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _PURPOSE_EXAMPLE | _CLAIM_EXAMPLE,
                _PURPOSE_EXAMPLE | _CLAIM_EXAMPLE | {"fields": ["citizen.gender", "father"]},
            ]
        }
    )

    fields: (
        Annotated[
            list[ShareField],
            term(
                "Members asked for; left out, all that the procedure may receive.",
                "các trường thông tin yêu cầu",
                min_length=1,
                max_length=len(VOCABULARY),
            ),
            unrepeated(),
        ]
        | None
    ) = None


class LookupWarningRead(ResponseSchema):
    """Something that the officer should look at twice (cảnh báo)."""

    code: Annotated[
        Literal["old-id-number", "implausible-id-number", "person-deceased", "person-missing"],
        term("Kind of the warning.", "mã cảnh báo"),
    ]
    message: Annotated[str, term("The warning for a person to read.", "nội dung cảnh báo")]


class SourceRead(ResponseSchema):
    """Where an answer comes from (nguồn dữ liệu)."""

    profile: Annotated[str, term("Way to the population database.", "kênh kết nối")]
    is_test_data: Annotated[bool, term("Whether the people are invented.", "dữ liệu thử nghiệm")]
    upstream_request_id: Annotated[str, term("The request's id upstream, MaYeuCau.", "mã yêu cầu")]
    answered_at: Annotated[VietnamTime, term("When the answer was complete.", "thời điểm trả lời")]


class AuditPositionRead(ResponseSchema):
    """Where the lookup's OUTCOME stands in the audit log (vị trí trong nhật ký kiểm toán)."""

    sequence: Annotated[int, term("Zero-based index of the record.", "số thứ tự bản ghi")]
    tree_size: Annotated[int, term("Number of records in the log that holds this one.", "số bản ghi")]
    root: Annotated[
        str,
        term(
            "Root of the log's Merkle tree at that size, base64. Keep it: a later log that does not contain "
            "it has been altered.",
            "giá trị băm gốc",
            examples=["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
        ),
    ]


class LookupRead(ResponseSchema):
    """What every answered lookup carries."""

    lookup_id: Annotated[UUID, term("Id of the lookup.", "mã tra cứu")]
    warnings: Annotated[list[LookupWarningRead], term("What to look at twice.", "cảnh báo")]
    source: Annotated[SourceRead, term("Where the answer comes from.", "nguồn dữ liệu")]
    audit: Annotated[AuditPositionRead, term("Place in the audit log.", "vị trí trong nhật ký kiểm toán")]


class VerifyIdCardRead(LookupRead):
    """Whether the claim as a whole is a person of the register."""

    result: Annotated[Literal["exists", "not_found"], term("The answer.", "kết quả xác thực")]
    message: Annotated[str, term("The answer for a person to read.", "thông báo kết quả")]


class HouseholdHeadResultRead(ResponseSchema):
    """Whether the claimed person heads a household."""

    result: Annotated[
        Literal["confirmed", "not_head", "not_found"], term("The answer.", "kết quả xác thực chủ hộ")
    ]
    message: Annotated[str, term("The answer for a person to read.", "thông báo kết quả")]


class HouseholdMemberRead(ResponseSchema):
    """Whether a person belongs to the head's household; `unknown` is never a no."""

    position: Annotated[int, term("Place in the request's list, from 1.", "số thứ tự")]
    id_number: Annotated[str, term("The number, masked.", "số định danh đã che")]
    result: Annotated[
        Literal["member", "not_member", "unknown"], term("The answer.", "kết quả xác thực thành viên")
    ]
    message: Annotated[str, term("The answer for a person to read.", "thông báo kết quả")]


class VerifyHouseholdHeadRead(LookupRead):
    """The head's and the members' standing, members in the order asked."""

    head: Annotated[HouseholdHeadResultRead, term("The head's standing.", "chủ hộ")]
    members: Annotated[list[HouseholdMemberRead], term("The members' standing.", "danh sách thành viên")]


class ShareCitizenRead(LookupRead):
    """The record, as far as it was asked for and granted; no person's part when not found.

    The parts have a default because a part that was not granted is left out of the answer altogether,
    which is not the same as null: the population database has no information.
    """

    result: Annotated[Literal["found", "not_found"], term("The answer.", "kết quả tra cứu")]
    citizen: Annotated[SharedCitizen | None, term("The person's own record.", "công dân")] = None
    household_head: Annotated[
        SharedHouseholdHead | None, term("Head of the person's household.", "chủ hộ")
    ] = None
    father: Annotated[SharedRelative | None, term("Father.", "cha")] = None
    mother: Annotated[SharedRelative | None, term("Mother.", "mẹ")] = None
    spouse: Annotated[SharedRelative | None, term("Husband or wife.", "vợ hoặc chồng")] = None


class PopulationStatusRead(ResponseSchema):
    """How the way to the population database looks right now."""

    state: Annotated[
        Literal["available", "degraded", "unavailable"], term("State of the way.", "tình trạng kết nối")
    ]
    profile: Annotated[str, term("Way to the population database.", "kênh kết nối")]
    retry_after_seconds: Annotated[
        int | None, term("Seconds until it is worth asking again.", "số giây chờ trước khi thử lại")
    ]
