"""Shape of a citizen's record on the wire.

Members have a default because only those that were granted and asked for are in an answer; a null says
that the population database has no information.
"""

from typing import Annotated

from app.schemas.base import ResponseSchema
from app.schemas.terms import term


class CodedRead(ResponseSchema):
    """A code of the register with its label (mã và tên gọi)."""

    code: Annotated[str, term("The code as the population database gives it.", "mã")]
    label: Annotated[str | None, term("Vietnamese label; null for an unknown code.", "tên gọi")]


class AddressRead(ResponseSchema):
    """An address of two levels, or of three with a district from before 1/7/2025."""

    province: Annotated[CodedRead | None, term("Province or city.", "tỉnh, thành phố")]
    district: Annotated[CodedRead | None, term("District; none since 1/7/2025.", "quận, huyện")]
    ward: Annotated[CodedRead | None, term("Ward or commune.", "phường, xã")]
    detail: Annotated[str | None, term("House, street, hamlet.", "địa chỉ chi tiết")]
    country: Annotated[CodedRead | None, term("Country.", "quốc gia")]


FullNameRead = Annotated[str | None, term("Full name.", "họ, chữ đệm và tên")]
IdNumberRead = Annotated[str | None, term("Personal identification number.", "số định danh cá nhân")]
OldIdNumberRead = Annotated[str | None, term("Old 9-digit identity card number.", "số CMND")]
NationalityRead = Annotated[CodedRead | None, term("Nationality.", "quốc tịch")]


class SharedCitizen(ResponseSchema):
    """The person's own record (công dân)."""

    full_name: FullNameRead = None
    gender: Annotated[CodedRead | None, term("Gender.", "giới tính")] = None
    id_number: IdNumberRead = None
    old_id_number: OldIdNumberRead = None
    birth_date: Annotated[
        str | None, term("Birth date as the register knows it.", "ngày, tháng, năm sinh")
    ] = None
    ethnicity: Annotated[CodedRead | None, term("Ethnicity; sensitive.", "dân tộc")] = None
    religion: Annotated[CodedRead | None, term("Religion; sensitive.", "tôn giáo")] = None
    blood_type: Annotated[CodedRead | None, term("Blood type; sensitive.", "nhóm máu")] = None
    marital_status: Annotated[CodedRead | None, term("Marital status.", "tình trạng hôn nhân")] = None
    nationality: NationalityRead = None
    birth_registration_place: Annotated[
        AddressRead | None, term("Where the birth was registered.", "nơi đăng ký khai sinh")
    ] = None
    native_place: Annotated[AddressRead | None, term("Native place.", "quê quán")] = None
    permanent_address: Annotated[AddressRead | None, term("Permanent address.", "nơi thường trú")] = None
    current_address: Annotated[AddressRead | None, term("Current address.", "nơi ở hiện tại")] = None


class SharedHouseholdHead(ResponseSchema):
    """Head of the person's household (chủ hộ)."""

    full_name: FullNameRead = None
    id_number: IdNumberRead = None
    old_id_number: OldIdNumberRead = None
    relationship: Annotated[
        CodedRead | None, term("The person's relation to the head.", "quan hệ với chủ hộ")
    ] = None


class SharedRelative(ResponseSchema):
    """Father, mother or spouse (cha, mẹ, vợ hoặc chồng)."""

    full_name: FullNameRead = None
    nationality: NationalityRead = None
    id_number: IdNumberRead = None
    old_id_number: OldIdNumberRead = None
