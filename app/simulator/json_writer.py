"""Writes answers of the JSON wire: booleans, and records with the element names of shape A in camelCase."""

import json
from typing import Any

from app.adapters.population.sandbox.records import AddressRecord, PersonRecord, RelativeRecord
from app.simulator.asked import Operation
from app.simulator.options import Behaviour
from app.simulator.record_parts import LIFE_STATUS_CODES, birth_parts, name_parts
from app.simulator.register import Head, Record, Verdict

Object = dict[str, Any]


def write_json(verdict: Verdict, behaviour: Behaviour) -> bytes:
    """Write the answer to a question."""
    match verdict.operation:
        case Operation.VERIFY:
            return _document(_verification(verdict.record, behaviour))
        case Operation.HOUSEHOLD:
            return _document(_household(verdict, behaviour))
        case _:
            return _document(_share(verdict.record, behaviour))


def write_json_error(code: str, text: str) -> bytes:
    """Write an error in place of a result."""
    return json.dumps({"error_code": code, "message": text}, ensure_ascii=False).encode()


def _document(value: object) -> bytes:
    return json.dumps({"data": value}, ensure_ascii=False, separators=(",", ":")).encode()


def _verification(record: Record | None, behaviour: Behaviour) -> object:
    if behaviour.verify != "record":
        return record is not None
    return False if record is None else _reduced(record, behaviour)


def _household(verdict: Verdict, behaviour: Behaviour) -> Object:
    answer: Object = {
        "tonTai": verdict.record is not None,
        "laChuHo": verdict.is_head,
        "danhSachThanhVien": [
            {
                ("soCMND" if len(number) == len("000000000") else "soDinhDanh"): number,
                "laThanhVien": is_member,
            }
            for number, is_member in verdict.members
        ],
    }
    if behaviour.household_record and verdict.record is not None:
        answer["congDan"] = _reduced(verdict.record, behaviour)
    return answer


def _share(record: Record | None, behaviour: Behaviour) -> Object | None:
    if record is not None:
        return _full(record, behaviour)
    return {"hoVaTen": {"ho": "", "chuDem": "", "ten": ""}} if behaviour.not_found == "nameless" else None


def _reduced(record: Record, behaviour: Behaviour) -> Object:
    person = record.person
    birth = birth_parts(person)
    reduced: Object = {
        "soDinhDanh": person.id_number,
        "soCMND": person.old_id_number,
        "hoVaTen": _name(person.full_name, behaviour),
        "ngayThangNamSinh": {"nam": birth.year, "ngayThangNam": birth.day},
    }
    if behaviour.life_status:
        reduced["trangThaiCongDan"] = LIFE_STATUS_CODES[person.life_status]
    return reduced


def _full(record: Record, behaviour: Behaviour) -> Object:
    person = record.person
    return _reduced(record, behaviour) | {
        "gioiTinh": person.gender,
        "danToc": person.ethnicity,
        "tonGiao": person.religion,
        "tinhTrangHonNhan": person.marital_status,
        "nhomMau": person.blood_type,
        "noiDangKyKhaiSinh": _address(person.birth_registration_place),
        "quocTich": person.nationality,
        "queQuan": _address(person.native_place),
        "thuongTru": _address(person.permanent_address),
        "noiOHienTai": _address(person.current_address),
        "cha": _relative(person.father),
        "me": _relative(person.mother),
        "voChong": _relative(person.spouse),
        "nguoiDaiDien": None,
        "chuHo": _head(record.head),
        "soSoHoKhau": None,
    }


def _name(full_name: str, behaviour: Behaviour) -> Object:
    parts = name_parts(full_name, behaviour)
    return {"ho": parts.family, "chuDem": parts.middle, "ten": parts.given}


def _address(address: AddressRecord | None) -> Object | None:
    if address is None:
        return None
    return {
        "maTinhThanh": address.province.code,
        "maQuanHuyen": None if address.district is None else address.district.code,
        "maPhuongXa": address.ward.code,
        "chiTiet": address.detail,
        "quocGia": address.country,
    }


def _relative(relative: RelativeRecord | None) -> Object | None:
    if relative is None:
        return None
    return {
        "hoVaTen": relative.full_name,
        "quocTich": relative.nationality,
        "soDinhDanh": relative.id_number,
        "soCMND": relative.old_id_number,
    }


def _head(head: Head | None) -> Object | None:
    if head is None:
        return None
    person: PersonRecord = head.person
    return {
        "quanHe": head.relationship_code,
        "soDinhDanh": person.id_number,
        "soCMND": person.old_id_number,
        "hoVaTen": person.full_name,
    }
