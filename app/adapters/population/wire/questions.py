"""The elements of each question, in the order that the register asks for."""

from typing import Any, Final

from app.adapters.population.port import LookupContext
from app.adapters.population.wire.elements import Element
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.partial_date import PartialDate
from app.domain.person_name import NameForm
from app.settings.npd import NpdSettings

VERIFY_OPERATION: Final = "XacThucThongTinCongDan"
SHARE_OPERATION: Final = "TraCuuThongTinCongDan"
SERVICE: Final = "MaDVC"


def purpose(
    context: LookupContext, settings: NpdSettings, *, code: str, service_element: str = SERVICE
) -> tuple[Element, ...]:
    """Tell who asks, for which procedure, and what (MaTichHop)."""
    return (
        *_asking(context, code=code, service_element=service_element),
        ("TaiKhoan", context.account),
        ("SoDienThoai", settings.npd_phone),
    )


def household_purpose(context: LookupContext, *, code: str) -> tuple[Element, ...]:
    """Tell the same for the household check, whose assumed form has neither account nor telephone."""
    return _asking(context, code=code, service_element=SERVICE)


def _asking(context: LookupContext, *, code: str, service_element: str) -> tuple[Element, ...]:
    return (
        ("MaYeuCau", context.request_id),
        (service_element, context.service_code),
        ("MaTichHop", code),
        ("MaCanBo", context.officer_id_number),
        ("MaDonVi", context.unit_code),
    )


def number(value: IdentityNumber) -> Element:
    """Name a person by the new or the old number."""
    return ("SoCMND" if value.is_old else "SoDinhDanh", value.value)


def claimed(claim: IdentityClaim, form: NameForm) -> tuple[Element, ...]:
    """Name a person by number, name and birth date."""
    return (
        number(claim.id_number),
        ("HoVaTen", claim.full_name.in_form(form)),
        ("NgayThangNamSinh", (birth_date(claim.birth_date),)),
    )


def birth_date(date: PartialDate) -> Element:
    """Write a day in full; a month has no form upstream, so it goes as its year."""
    if date.day is None:
        return ("Nam", f"{date.year:04d}")
    return ("NgayThangNam", str(date).replace("-", ""))


def json_purpose(context: LookupContext) -> dict[str, Any]:
    """Tell who asks and for which procedure, in the members of an LGSP's JSON."""
    return {
        "maYeuCau": context.request_id,
        "maDVC": context.service_code,
        "maCanBo": context.officer_id_number,
    }


def json_number(value: IdentityNumber) -> dict[str, Any]:
    """Name a person by number in JSON."""
    return {"soCMND" if value.is_old else "soDinhDanh": value.value}


def json_claimed(claim: IdentityClaim, form: NameForm) -> dict[str, Any]:
    """Name a person by number, name and birth date in JSON."""
    return json_number(claim.id_number) | {
        "hoVaTen": claim.full_name.in_form(form),
        "ngayThangNam": birth_date(claim.birth_date)[1],
    }
