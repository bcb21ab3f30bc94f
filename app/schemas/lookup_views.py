"""Turns the lookups' answers into what goes on the wire, with texts in the caller's language."""

from base64 import b64encode
from dataclasses import asdict
from typing import Any, Final

from app.adapters.population.port import HeadResult, MemberResult
from app.domain.citizen import Citizen
from app.domain.lookup import LookupReceipt, LookupWarning
from app.languages import Language, Text
from app.schemas.lookups import (
    AuditPositionRead,
    HouseholdHeadResultRead,
    HouseholdMemberRead,
    LookupWarningRead,
    ShareCitizenRead,
    SourceRead,
    VerifyHouseholdHeadRead,
    VerifyIdCardRead,
)
from app.services.lookup_answers import CitizenShareAnswer, HouseholdHeadAnswer, IdCardAnswer
from app.services.lookups import Lookups

_EXISTS: Final[dict[bool, Text]] = {
    True: Text("Công dân tồn tại", "The citizen exists"),
    False: Text("Công dân không tồn tại", "The citizen does not exist"),
}
_HEAD: Final[dict[HeadResult, Text]] = {
    HeadResult.CONFIRMED: Text("Là chủ hộ", "Is the head of a household"),
    HeadResult.NOT_HEAD: Text("Không phải chủ hộ", "Is not the head of a household"),
    HeadResult.NOT_FOUND: Text("Công dân không tồn tại", "The citizen does not exist"),
}
_MEMBER: Final[dict[MemberResult, Text]] = {
    MemberResult.MEMBER: Text("Là thành viên", "Is a member"),
    MemberResult.NOT_MEMBER: Text("Không phải thành viên", "Is not a member"),
    MemberResult.UNKNOWN: Text("Chưa xác định", "Not determined"),
}
_WARNING: Final[dict[LookupWarning, Text]] = {
    LookupWarning.OLD_ID_NUMBER: Text(
        "Đã dùng số CMND 9 số; CMND không còn giá trị sử dụng từ 01/01/2025.",
        "An old 9-digit number was used; the old card is no longer valid since 1 January 2025.",
    ),
    LookupWarning.IMPLAUSIBLE_ID_NUMBER: Text(
        "Năm sinh thể hiện trong số định danh khác với ngày sinh đã nhập.",
        "The year of birth in the number differs from the birth date that was entered.",
    ),
    LookupWarning.PERSON_DECEASED: Text(
        "Cơ sở dữ liệu ghi nhận công dân đã chết.",
        "The register records the citizen as deceased.",
    ),
    LookupWarning.PERSON_MISSING: Text(
        "Cơ sở dữ liệu ghi nhận công dân mất tích.",
        "The register records the citizen as missing.",
    ),
}


def id_card_view(lookups: Lookups, answer: IdCardAnswer, language: Language) -> VerifyIdCardRead:
    """Show the answer of an identity card's verification."""
    return VerifyIdCardRead(
        **_common(lookups, answer.receipt, answer.warnings, language),
        result="exists" if answer.exists else "not_found",
        message=_EXISTS[answer.exists].in_language(language),
    )


def household_head_view(
    lookups: Lookups, answer: HouseholdHeadAnswer, language: Language
) -> VerifyHouseholdHeadRead:
    """Show the answer of a household's verification, members' numbers masked."""
    return VerifyHouseholdHeadRead(
        **_common(lookups, answer.receipt, answer.warnings, language),
        head=HouseholdHeadResultRead(
            result=answer.head.value, message=_HEAD[answer.head].in_language(language)
        ),
        members=[
            HouseholdMemberRead(
                position=position,
                id_number=number.masked(),
                result=result.value,
                message=_MEMBER[result].in_language(language),
            )
            for position, (number, result) in enumerate(answer.members, start=1)
        ],
    )


def citizen_share_view(lookups: Lookups, answer: CitizenShareAnswer, language: Language) -> ShareCitizenRead:
    """Show the granted part of a record; a part that was not granted is not set at all."""
    return ShareCitizenRead(
        **_common(lookups, answer.receipt, answer.warnings, language),
        **(_parts(answer.citizen, answer.fields) if answer.citizen else {}),
        result="found" if answer.citizen else "not_found",
    )


def _parts(citizen: Citizen, fields: tuple[str, ...]) -> dict[str, Any]:
    """Pick the leaves by their dotted paths; a person whom the register does not name is null as a whole."""
    record = asdict(citizen)
    parts: dict[str, Any] = {}
    for leaf in fields:
        group, member = leaf.split(".")
        source = record if group == "citizen" else record[group]
        if source is None:
            parts[group] = None
        else:
            parts.setdefault(group, {})[member] = source[member]
    return parts


def _common(
    lookups: Lookups, receipt: LookupReceipt, warnings: tuple[LookupWarning, ...], language: Language
) -> dict[str, Any]:
    return {
        "lookup_id": receipt.lookup_id,
        "warnings": [
            LookupWarningRead(code=warning.value, message=_WARNING[warning].in_language(language))
            for warning in warnings
        ],
        "source": SourceRead(
            profile=lookups.profile,
            is_test_data=lookups.is_test_data,
            upstream_request_id=receipt.upstream_request_id,
            answered_at=receipt.answered_at,
        ),
        "audit": AuditPositionRead(
            sequence=receipt.sequence,
            tree_size=receipt.tree_size,
            root=b64encode(receipt.root).decode(),
        ),
    }
