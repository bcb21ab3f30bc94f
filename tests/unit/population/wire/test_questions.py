"""What is sent, byte for byte or element by element."""

import json
from typing import Any

import pytest
from lxml import etree

from app.adapters.population.upstream import Operation
from app.domain.person_name import NameForm
from tests.claims import CONTEXT, make_claim, numbers
from tests.unit.population.wire.bodies import make_wire

COMMON = {
    "MaYeuCau": CONTEXT.request_id,
    "MaDVC": "1.004194",
    "MaTichHop": "037",
    "MaCanBo": "100185000901",
    "MaDonVi": "H24.15",
    "TaiKhoan": "receiver",
    "SoDienThoai": "0",
}


def test_the_mock_speaks_no_wire() -> None:
    with pytest.raises(ValueError, match="no wire format"):
        make_wire("mock")


def elements(body: bytes) -> list[tuple[str, str | None]]:
    """List the operation and every element below it, in document order."""
    operation = etree.fromstring(body)[1][0]
    assert {etree.QName(element).namespace for element in operation.iter()} == {"http://dancuquocgia.bca"}
    return [(etree.QName(element).localname, element.text) for element in operation.iter()]


def test_a_question_for_a_record_has_its_elements_in_the_registers_order() -> None:
    question = make_wire().record(make_claim("nguyễn thị minh ngọc"), CONTEXT)
    assert elements(question.body) == [
        ("TraCuuThongTinCongDan", None),
        *COMMON.items(),
        ("SoDinhDanh", "100190000001"),
        ("HoVaTen", "NGUYỄN THỊ MINH NGỌC"),
        ("NgayThangNamSinh", None),
        ("NgayThangNam", "19900730"),
    ]
    assert (question.operation, question.request_id) == (Operation.SHARE, CONTEXT.request_id)
    assert question.url == "http://127.0.0.1:9/dancu"
    assert question.headers == {"Content-Type": "application/xml; charset=utf-8", "SOAPAction": '""'}
    assert question.body.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<soapenv:Envelope")


@pytest.mark.parametrize("address", ["https://NPD.Example.vn:443", "https://npd.example.vn/Dancu/"])
def test_a_question_goes_to_the_address_as_it_is_written(address: str) -> None:
    # The register signs over what was agreed upon, which is not always how a URL is written by the book.
    assert make_wire(npd_url=address).record(make_claim(), CONTEXT).url == address
    json_address = make_wire("lgsp-json", npd_url=address).record(make_claim(), CONTEXT).url
    assert json_address == address.rstrip("/") + "/tra-cuu-cong-dan"


def test_a_verification_has_its_own_code_and_service_element() -> None:
    wire = make_wire(npd_verify_service_element="MaDichVu", npd_code_verify="903")
    told = dict(elements(wire.verification(make_claim(), CONTEXT).body))
    assert list(told)[:4] == ["XacThucThongTinCongDan", "MaYeuCau", "MaDichVu", "MaTichHop"]
    assert (told["MaDichVu"], told["MaTichHop"]) == ("1.004194", "903")


@pytest.mark.parametrize("date", ["1990", "1990-07"])
def test_an_old_number_and_a_date_without_a_day_have_elements_of_their_own(date: str) -> None:
    claim = make_claim(id_number="000000101", birth_date=date)
    told = elements(make_wire().record(claim, CONTEXT).body)
    assert told[8] == ("SoCMND", "000000101")
    assert told[-2:] == [("NgayThangNamSinh", None), ("Nam", "1990")]


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        (NameForm.AS_IS, "Đặng Thị Hoà"),
        (NameForm.UPPER, "ĐẶNG THỊ HOÀ"),
        (NameForm.UPPER_NO_DIACRITICS, "DANG THI HOA"),
        (NameForm.UPPER_NO_DIACRITICS_NO_BLANKS, "DANGTHIHOA"),
    ],
)
def test_a_name_goes_in_the_form_that_the_settings_name(form: NameForm, sent: str) -> None:
    question = make_wire(npd_name_form=form).record(make_claim("Đặng Thị  Hoà"), CONTEXT)
    assert dict(elements(question.body))["HoVaTen"] == sent


def test_a_record_by_number_is_asked_for_without_name_and_date() -> None:
    told = elements(make_wire().record_by_number(numbers("100190000001")[0], CONTEXT).body)
    assert told[1:] == [*COMMON.items(), ("SoDinhDanh", "100190000001")]


def test_a_household_names_its_members_and_everything_by_the_settings() -> None:
    wire = make_wire(npd_household_operation="KiemTraHo", npd_household_member_element="Nguoi")
    question = wire.household(make_claim(), tuple(numbers("100088000002", "000000104")), CONTEXT)
    told = elements(question.body)
    assert (told[0][0], dict(told)["MaTichHop"]) == ("KiemTraHo", "038")
    assert [name for name, _ in told[5:7]] == ["MaDonVi", "SoDinhDanh"]
    assert told[-5:] == [
        ("DanhSachThanhVien", None),
        ("Nguoi", None),
        ("SoDinhDanh", "100088000002"),
        ("Nguoi", None),
        ("SoCMND", "000000104"),
    ]


def test_json_has_an_address_for_each_operation() -> None:
    wire = make_wire("lgsp-json")
    members = tuple(numbers("000000104"))
    common: dict[str, Any] = {"maYeuCau": CONTEXT.request_id, "maDVC": "1.004194", "maCanBo": "100185000901"}
    claimed = {"soDinhDanh": "100190000001", "hoVaTen": "NGUYỄN THỊ MINH NGỌC", "ngayThangNam": "19900730"}
    account: dict[str, Any] = {"userNameService": "receiver"}
    expected = {
        "/xac-thuc-cong-dan": (wire.verification(make_claim(), CONTEXT), common | claimed | account),
        "/tra-cuu-cong-dan": (wire.record(make_claim(), CONTEXT), common | claimed | account),
        "/xac-minh-chu-ho": (
            wire.household(make_claim(), members, CONTEXT),
            common | claimed | account | {"danhSachThanhVien": [{"soCMND": "000000104"}]},
        ),
    }
    for path, (question, content) in expected.items():
        assert question.url == f"http://127.0.0.1:9/dancu{path}"
        assert list(json.loads(question.body).items()) == list(content.items())
    by_number = json.loads(wire.record_by_number(members[0], CONTEXT).body)
    assert by_number == common | account | {"soCMND": "000000104"}


def test_a_question_prints_without_whom_it_is_about() -> None:
    assert "NGỌC" not in repr(make_wire().record(make_claim(), CONTEXT))
    assert "100190000001" not in repr(make_wire().record(make_claim(), CONTEXT))
