"""Writes answers of the SOAP wire: the flat shape A, the nested shape B, and the smaller answers."""

from html import escape
from typing import Final

from app.adapters.population.sandbox.records import AddressRecord, PersonRecord, RelativeRecord
from app.simulator.asked import Operation
from app.simulator.options import Behaviour
from app.simulator.record_parts import LIFE_STATUS_CODES, NameParts, birth_parts, name_parts
from app.simulator.register import Head, Record, Verdict

_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
)
_TAIL: Final = "</soapenv:Body></soapenv:Envelope>"
_ANSWER: Final = ' xmlns="http://www.mic.gov.vn/dancu/1.0"'
_NOBODY: Final = {
    "empty": "<CongDan/>",
    "absent": "",
    "nameless": "<CongDan><HoVaTen><Ho/><ChuDem/><Ten/></HoVaTen></CongDan>",
}


def write_soap(verdict: Verdict, behaviour: Behaviour) -> bytes:
    """Write the answer to a question."""
    match verdict.operation:
        case Operation.VERIFY:
            inside = _verification(verdict.record, behaviour)
        case Operation.HOUSEHOLD:
            inside = _household(verdict, behaviour)
        case _:
            inside = _collection(verdict.record, behaviour)
    return _enveloped(inside)


def write_soap_fault(code: str, text: str) -> bytes:
    """Write a fault whose string begins with the text and ends in the code."""
    return _enveloped(
        "<soapenv:Fault><faultcode>soapenv:Server</faultcode>"
        f"<faultstring>{escape(text)}: {escape(code)}</faultstring></soapenv:Fault>"
    )


def write_soap_error(code: str, text: str) -> bytes:
    """Write the error elements that stand in place of a result."""
    return _enveloped(
        f"<CongdanCollection{_ANSWER}>{_element('MaLoi', code)}{_element('MoTaLoi', text)}"
        "</CongdanCollection>"
    )


def _enveloped(inside: str) -> bytes:
    return f"{_HEAD}{inside}{_TAIL}".encode()


def _element(name: str, text: str | None) -> str:
    return f"<{name}>{escape(text, quote=False)}</{name}>" if text else f"<{name}/>"


def _boolean(name: str, *, value: bool) -> str:
    return _element(name, "true" if value else "false")


def _verification(record: Record | None, behaviour: Behaviour) -> str:
    if behaviour.verify == "exists":
        return f"<KetQuaXacThuc{_ANSWER}>{_boolean('TonTai', value=record is not None)}</KetQuaXacThuc>"
    count = _element("SoLuongCongDan", "0" if record is None else "1")
    person = _reduced(record, behaviour) if behaviour.verify == "record" else ""
    return f"<XacThucThongTinCongDanResponse{_ANSWER}>{count}{person}</XacThucThongTinCongDanResponse>"


def _household(verdict: Verdict, behaviour: Behaviour) -> str:
    members = "".join(
        f"<ThanhVien>{_number(number)}{_boolean('LaThanhVien', value=is_member)}</ThanhVien>"
        for number, is_member in verdict.members
    )
    person = _reduced(verdict.record, behaviour) if behaviour.household_record else ""
    return (
        f"<XacMinhThongTinChuHoResponse{_ANSWER}>{_boolean('LaChuHo', value=verdict.is_head)}"
        f"{_boolean('TonTai', value=verdict.record is not None)}"
        f"<DanhSachThanhVien>{members}</DanhSachThanhVien>{person}</XacMinhThongTinChuHoResponse>"
    )


def _number(number: str) -> str:
    return _element("SoCMND" if len(number) == len("000000000") else "SoDinhDanh", number)


def _collection(record: Record | None, behaviour: Behaviour) -> str:
    is_nested = behaviour.shape == "B"
    if record is None:
        citizen = _NOBODY[behaviour.not_found]
    elif is_nested:
        citizen = f"<CongDan>{_nested(record, behaviour)}</CongDan>"
    else:
        citizen = f"<CongDan>{_flat(record, behaviour)}</CongDan>"
    count = 0 if record is None else 1
    attributes = f' Id="1" SoCongDan="{count}" GhiChu="" ThoiDiemDuLieu="20261101000000"' if is_nested else ""
    return f"<CongdanCollection{_ANSWER}{attributes}>{citizen}</CongdanCollection>"


def _reduced(record: Record | None, behaviour: Behaviour) -> str:
    """Write who somebody is, and nothing that a verification has no business with."""
    if record is None:
        return ""
    person = record.person
    return (
        f"<CongDan>{_numbers(person.id_number, person.old_id_number)}"
        f"{_name(name_parts(person.full_name, behaviour))}{_birth(person)}{_life(person, behaviour)}"
        "</CongDan>"
    )


def _flat(record: Record, behaviour: Behaviour) -> str:
    person = record.person
    return "".join(
        (
            _numbers(person.id_number, person.old_id_number),
            _name(name_parts(person.full_name, behaviour)),
            _element("GioiTinh", person.gender),
            _element("DanToc", person.ethnicity),
            _element("TonGiao", person.religion),
            _element("TinhTrangHonNhan", person.marital_status),
            _element("NhomMau", person.blood_type),
            _birth(person),
            _flat_address("NoiDangKyKhaiSinh", person.birth_registration_place),
            _element("QuocTich", person.nationality),
            _flat_address("QueQuan", person.native_place),
            _flat_address("ThuongTru", person.permanent_address),
            _flat_address("NoiOHienTai", person.current_address),
            _flat_relative("Cha", person.father),
            _flat_relative("Me", person.mother),
            _flat_relative("VoChong", person.spouse),
            "<NguoiDaiDien/>",
            _household_head(record.head),
            "<SoSoHoKhau/>",
            _life(person, behaviour),
        )
    )


def _nested(record: Record, behaviour: Behaviour) -> str:
    person = record.person
    return "".join(
        (
            _numbers(person.id_number, person.old_id_number),
            _name(name_parts(person.full_name, behaviour)),
            _element("GioiTinh", person.gender),
            f"<DanToc>{_element('MaDanToc', person.ethnicity)}<TenGoiKhac/></DanToc>",
            f"<TonGiao>{_element('MaTonGiao', person.religion)}<TenGoiKhac/></TonGiao>",
            _element("TinhTrangHonNhan", person.marital_status),
            _element("NhomMau", person.blood_type),
            _birth(person),
            _nested_address("NoiDangKyKhaiSinh", person.birth_registration_place),
            _element("QuocTich", person.nationality),
            _nested_address("QueQuan", person.native_place),
            _nested_address("ThuongTru", person.permanent_address),
            _nested_address("NoiOHienTai", person.current_address),
            _nested_relative("Cha", person.father, behaviour),
            _nested_relative("Me", person.mother, behaviour),
            _life(person, behaviour),
        )
    )


def _numbers(new: str | None, old: str | None) -> str:
    return _element("SoDinhDanh", new) + _element("SoCMND", old)


def _name(parts: NameParts) -> str:
    inside = _element("Ho", parts.family) + _element("ChuDem", parts.middle) + _element("Ten", parts.given)
    return f"<HoVaTen>{inside}</HoVaTen>"


def _birth(person: PersonRecord) -> str:
    parts = birth_parts(person)
    inside = _element("Nam", parts.year) + _element("NgayThangNam", parts.day)
    return f"<NgayThangNamSinh>{inside}</NgayThangNamSinh>"


def _life(person: PersonRecord, behaviour: Behaviour) -> str:
    if not behaviour.life_status:
        return ""
    return _element("TrangThaiCongDan", LIFE_STATUS_CODES[person.life_status])


def _flat_address(name: str, address: AddressRecord | None) -> str:
    if address is None:
        return f"<{name}/>"
    district = None if address.district is None else address.district.code
    return (
        f"<{name}>{_element('MaTinhThanh', address.province.code)}{_element('MaQuanHuyen', district)}"
        f"{_element('MaPhuongXa', address.ward.code)}{_element('ChiTiet', address.detail)}"
        f"{_element('QuocGia', address.country)}</{name}>"
    )


def _nested_address(name: str, address: AddressRecord | None) -> str:
    if address is None:
        return f"<{name}/>"
    return (
        f"<{name}>{_element('ChiTiet', address.detail)}{_element('MaDonViHanhChinh', address.ward.code)}"
        f"{_element('QuocGia', address.country)}</{name}>"
    )


def _flat_relative(name: str, relative: RelativeRecord | None) -> str:
    if relative is None:
        return f"<{name}/>"
    return (
        f"<{name}>{_element('HoVaTen', relative.full_name)}{_element('QuocTich', relative.nationality)}"
        f"{_numbers(relative.id_number, relative.old_id_number)}</{name}>"
    )


def _nested_relative(name: str, relative: RelativeRecord | None, behaviour: Behaviour) -> str:
    if relative is None:
        return f"<{name}/>"
    return (
        f"<{name}>{_name(name_parts(relative.full_name, behaviour))}"
        f"{_element('QuocTich', relative.nationality)}{_element('SoDinhDanh', relative.id_number)}</{name}>"
    )


def _household_head(head: Head | None) -> str:
    if head is None:
        return "<ChuHo/>"
    return (
        f"<ChuHo>{_element('QuanHe', head.relationship_code)}"
        f"{_numbers(head.person.id_number, head.person.old_id_number)}"
        f"{_element('HoVaTen', head.person.full_name)}</ChuHo>"
    )
