"""What is read of the forms of answer that are in the wild."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.adapters.population.port import HeadResult, MemberResult
from app.adapters.population.wire.labels import Labels, LabelsFileError, read_labels
from app.domain.citizen import Citizen, Coded, LifeStatus
from app.errors import PopulationDatabaseError, PopulationDatabaseMismatchError
from tests.claims import make_claim, numbers
from tests.unit.house.source_files import ROOT
from tests.unit.population.wire.bodies import RECORD, RECORD_B, collection, make_wire, soap

LABELS = Labels(
    relationships={"CH03": "Con"},
    districts={"303": "Quận Hồng Bàng"},
    wards_before={"303/11311": "Phường Minh Khai"},
    wards_since={"11311": "Phường Hồng Bàng"},
)


def record(body: bytes, **settings: Any) -> Citizen:
    citizen = make_wire(labels=LABELS, **settings).read_record(body, make_claim())
    assert citizen is not None
    return citizen


def test_shape_a_is_read_whole() -> None:
    citizen = record(collection(RECORD))
    assert citizen.full_name == "NGUYỄN THỊ MINH NGỌC"
    assert (citizen.id_number, citizen.old_id_number) == ("100190000001", "000000101")
    assert citizen.birth_date == "1990-07-30"
    assert citizen.gender == Coded("2", "Nữ")
    assert citizen.ethnicity == Coded("1", "Kinh")
    assert citizen.religion == Coded("77", None)
    assert (citizen.blood_type, citizen.nationality, citizen.spouse, citizen.mother) == (None,) * 4
    assert citizen.father is not None
    assert (citizen.father.full_name, citizen.father.id_number) == ("NGUYỄN VĂN ĐỨC", None)
    assert citizen.household_head is not None
    assert citizen.household_head.relationship == Coded("CH01", "Chủ hộ")


def test_an_address_is_named_by_the_table_of_its_time() -> None:
    citizen = record(collection(RECORD))
    before, since = citizen.native_place, citizen.permanent_address
    assert before is not None
    assert since is not None
    assert (before.district, before.ward) == (
        Coded("303", "Quận Hồng Bàng"),
        Coded("11311", "Phường Minh Khai"),
    )
    assert (since.district, since.ward) == (None, Coded("11311", "Phường Hồng Bàng"))
    assert since.province == Coded("31", "Hải Phòng")
    assert citizen.current_address is None


def test_shape_b_is_read_whole() -> None:
    citizen = make_wire(labels=LABELS).read_record(soap(RECORD_B), make_claim(birth_date="1990"))
    assert citizen is not None
    assert (citizen.full_name, citizen.birth_date) == ("NGUYỄN THỊ MINH NGỌC", "1990")
    assert citizen.ethnicity == Coded("01", "Kinh")
    assert citizen.native_place is not None
    assert citizen.permanent_address is not None
    assert citizen.current_address is not None
    assert citizen.native_place.district == Coded("303", "Quận Hồng Bàng")
    assert citizen.permanent_address.ward == Coded("11311", "Phường Hồng Bàng")
    assert citizen.current_address.province == Coded("31", "Hải Phòng")
    assert citizen.father is not None
    assert citizen.father.full_name == "NGUYỄN VĂN ĐỨC"
    assert citizen.household_head is None


def test_json_is_read_as_shape_a() -> None:
    person = {"soDinhDanh": "100190000001", "hoVaTen": {"ten": "NGUYỄN THỊ MINH NGỌC"},
              "ngayThangNamSinh": {"ngayThangNam": "19900730"}, "chuHo": {"quanHe": "CH01"}}  # fmt: skip
    body = json.dumps({"error_code": "00", "data": person}).encode()
    citizen = make_wire("lgsp-json").read_record(body, make_claim())
    assert citizen is not None
    assert citizen.birth_date == "1990-07-30"
    assert citizen.household_head is not None


def test_life_status_is_told_by_the_codes_of_the_settings_alone() -> None:
    assert record(collection(RECORD)).life_status is None
    assert record(collection(RECORD), npd_codes_deceased="6, 7").life_status is LifeStatus.DECEASED
    assert record(collection(RECORD), npd_codes_missing="7").life_status is LifeStatus.MISSING


def test_codes_of_life_status_compare_as_numbers() -> None:
    said = RECORD.replace("<TrangThaiCongDan>7<", "<TrangThaiCongDan>{}<")
    for code, listed in (("07", "7"), ("7", "07"), ("7", "6,007")):
        assert (
            record(collection(said.format(code)), npd_codes_deceased=listed).life_status
            is LifeStatus.DECEASED
        )
    assert record(collection(said.format("00")), npd_codes_missing="0").life_status is LifeStatus.MISSING
    assert record(collection(said.format("70")), npd_codes_deceased="7").life_status is None


def test_a_flat_code_keeps_its_text_beside_attributes() -> None:
    attributes = RECORD.replace("<DanToc>", '<DanToc Ten="Kinh">').replace(
        "<TrangThaiCongDan>", '<TrangThaiCongDan Ten="Đã chết">'
    )
    citizen = record(collection(attributes), npd_codes_deceased="7")
    assert (citizen.ethnicity, citizen.life_status) == (Coded("1", "Kinh"), LifeStatus.DECEASED)
    nested = RECORD.replace("<DanToc>1<", '<DanToc MaDanToc="01">Việt<')
    assert record(collection(nested)).ethnicity == Coded("01", "Kinh")


@pytest.mark.parametrize("told", [None, {}, {"hoVaTen": None}, {"hoVaTen": {"ten": " "}, "gioiTinh": "0"}])
def test_nobody_is_an_answer_in_json_too(told: object) -> None:
    body = json.dumps({"error_code": "00", "success": True, "data": told}).encode()
    assert make_wire("lgsp-json").read_record(body, make_claim()) is None


def test_a_whole_pair_of_surrogates_is_a_character() -> None:
    body = b'{"data": {"soDinhDanh": "100190000001", "hoVaTen": "\\ud840\\udc00 AN"}}'
    citizen = make_wire("lgsp-json").read_record_by_number(body, numbers("100190000001")[0])
    assert citizen is not None
    assert citizen.full_name == "\U00020000 AN"


OTHER = RECORD.replace("100190000001", "100088000002").replace("000000101", "000000102")

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NIL = f'{XSI} xsi:nil="true"'

NOBODY = [
    pytest.param(collection(), id="empty collection"),
    pytest.param(
        soap('<CongdanCollection Id="1" SoCongDan="0" GhiChu="x" ThoiDiemDuLieu="20261101000000"/>'),
        id="empty collection with its attributes",
    ),
    pytest.param(soap("<CongdanCollection><MaLoi>00</MaLoi></CongdanCollection>"), id="code of success"),
    pytest.param(collection(""), id="empty record"),
    pytest.param(collection("<SoDinhDanh/><HoVaTen><Ten/></HoVaTen>"), id="empty elements"),
    pytest.param(collection("<HoVaTen><Ten> </Ten></HoVaTen><GioiTinh>0</GioiTinh>"), id="blank name"),
    pytest.param(soap(f"<CongdanCollection><CongDan {NIL}/></CongdanCollection>"), id="nil record"),
    pytest.param(soap(f'<CongDan {XSI} xsi:type="CongDan"/>'), id="empty record with a type"),
    pytest.param(collection(f"<SoDinhDanh {NIL}/><HoVaTen {NIL}/><Cha {NIL}/>"), id="nil elements"),
    pytest.param(collection(RECORD.replace("NGỌC</Ten>", "NGA</Ten>")), id="another name"),
    pytest.param(collection(RECORD.replace("19900730", "19900731")), id="another date"),
]


@pytest.mark.parametrize("body", NOBODY)
def test_nobody_is_an_answer(body: bytes) -> None:
    assert make_wire().read_record(body, make_claim()) is None
    assert make_wire().read_record(body, make_claim(id_number="000000101")) is None


def test_of_several_records_the_one_with_the_asked_number_counts() -> None:
    assert record(collection(OTHER, RECORD)).id_number == "100190000001"
    old = make_wire().read_record(collection(OTHER, RECORD), make_claim(id_number="000000101"))
    assert old is not None


@pytest.mark.parametrize("body", [collection(OTHER), collection(OTHER, OTHER)])
def test_a_record_of_another_number_is_a_mismatch(body: bytes) -> None:
    wire = make_wire()
    with pytest.raises(PopulationDatabaseMismatchError):
        wire.read_record(body, make_claim())
    with pytest.raises(PopulationDatabaseMismatchError):
        wire.read_verification(body, make_claim())
    with pytest.raises(PopulationDatabaseMismatchError):
        wire.read_household(body, make_claim(), ())
    with pytest.raises(PopulationDatabaseMismatchError):
        wire.read_record_by_number(body, numbers("100190000001")[0])


def test_a_record_without_a_birth_date_has_none() -> None:
    dated = "<Nam/><NgayThangNam>19900730</NgayThangNam>"
    body = collection(RECORD.replace(dated, ""))
    citizen = make_wire().read_record_by_number(body, numbers("100190000001")[0])
    assert citizen is not None
    assert citizen.birth_date is None


def test_nil_elements_are_as_empty_as_the_others() -> None:
    nothing_else = "".join(f"<{name} {NIL}/>" for name in ("Cha", "VoChong", "NoiOHienTai", "QuocTich"))
    identity = RECORD.partition("<GioiTinh>")[0]
    body = collection(f"{identity}<NgayThangNamSinh {NIL}/>{nothing_else}<ChuHo {NIL}/>")
    citizen = make_wire().read_record_by_number(body, numbers("100190000001")[0])
    assert citizen is not None
    assert (citizen.birth_date, citizen.father, citizen.spouse, citizen.current_address) == (None,) * 4
    assert (citizen.nationality, citizen.household_head) == (None, None)
    assert record(collection(RECORD.replace("<Nam/>", f"<Nam {NIL}/>"))).birth_date == "1990-07-30"


def test_by_number_the_name_does_not_matter() -> None:
    body = collection(RECORD.replace("NGỌC</Ten>", "NGA</Ten>"))
    assert make_wire().read_record_by_number(body, numbers("000000101")[0]) is not None


RESPONSE = "<XacThucThongTinCongDanResponse>{}</XacThucThongTinCongDanResponse>"


@pytest.mark.parametrize(
    ("content", "exists"),
    [
        ("<KetQuaXacThuc><TonTai>true</TonTai></KetQuaXacThuc>", True),
        ("<KetQuaXacThuc><TonTai>false</TonTai></KetQuaXacThuc>", False),
        (RESPONSE.format("<SoLuongCongDan>1</SoLuongCongDan>"), True),
        (RESPONSE.format("<SoLuongCongDan>10</SoLuongCongDan>"), True),
        (RESPONSE.format("<SoLuongCongDan>0</SoLuongCongDan>"), False),
        (RESPONSE.format("<SoLuongCongDan/>"), False),
        (RESPONSE.format(""), False),
        (RESPONSE.format("<CongDan/><MaLoi>00</MaLoi>"), False),
        (RESPONSE.format('<CongdanCollection SoCongDan="0"><CongDan/></CongdanCollection>'), False),
        (RESPONSE.format(f"<CongDan>{RECORD}</CongDan>"), True),
    ],
)
def test_a_verification_is_read_in_each_of_its_forms(content: str, exists: bool) -> None:
    person = make_wire().read_verification(soap(content), make_claim())
    assert (person is not None) is exists
    if person is not None and "CongDan>" not in content.replace("SoLuongCongDan>", ""):
        assert (person.id_numbers, person.life_status) == ((), None)


@pytest.mark.parametrize("exists", [True, False])
def test_a_verification_in_json_is_true_or_false(exists: bool) -> None:
    body = json.dumps({"data": exists}).encode()
    assert (make_wire("lgsp-json").read_verification(body, make_claim()) is not None) is exists


COUNTED_AS_NONE = '<CongdanCollection SoCongDan="0"/>'
ENCODED = (
    '<XacThucThongTinCongDanResponse xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/>'
)


@pytest.mark.parametrize(
    "beside",
    [
        "<MaLoi>00</MaLoi><MoTaLoi>Thành công</MoTaLoi>",
        "<MaYeuCau>2e1b9f0a-1</MaYeuCau>",
    ],
)
def test_what_is_told_beside_nobody_about_the_call_is_no_failure(beside: str) -> None:
    shared = soap(f"{beside}{COUNTED_AS_NONE}")
    assert make_wire().read_record(shared, make_claim()) is None
    for nobody in ("<CongDan/>", "<SoLuongCongDan/>"):
        verified = soap(RESPONSE.format(f"{beside}{nobody}"))
        assert make_wire().read_verification(verified, make_claim()) is None


def test_how_an_element_is_encoded_says_nothing_of_what_is_in_it() -> None:
    assert make_wire().read_verification(soap(ENCODED), make_claim()) is None


RESULT = "<KetQuaXacThuc><TonTai>true</TonTai>{}</KetQuaXacThuc>"
COUNTED = RESPONSE.format("<SoLuongCongDan>1</SoLuongCongDan>{}")


@pytest.mark.parametrize("form", [RESULT, COUNTED])
@pytest.mark.parametrize("nothing", ["<CongDan/>", f"<CongDan {NIL}/>", "<CongDan><HoVaTen/></CongDan>"])
def test_an_empty_record_takes_no_yes_back(form: str, nothing: str) -> None:
    assert make_wire().read_verification(soap(form.format(nothing)), make_claim()) is not None


@pytest.mark.parametrize("body", [b'{"data":true,"congDan":null}', b'{"data":{"tonTai":true,"congDan":{}}}'])
def test_an_empty_record_takes_no_yes_of_json_back(body: bytes) -> None:
    assert make_wire("lgsp-json").read_verification(body, make_claim()) is not None


@pytest.mark.parametrize("form", [RESULT, COUNTED])
def test_a_yes_beside_a_record_of_nobody_is_garbage(form: str) -> None:
    nameless = "<CongDan><HoVaTen/><GioiTinh>0</GioiTinh></CongDan>"
    with pytest.raises(PopulationDatabaseError):
        make_wire().read_verification(soap(form.format(nameless)), make_claim())
    no = form.replace("true", "false").replace("1", "0").format(nameless)
    assert make_wire().read_verification(soap(no), make_claim()) is None


DATED = "<NgayThangNamSinh><Nam/><NgayThangNam>19900730</NgayThangNam></NgayThangNamSinh>"
INCOMPARABLE = {
    "no birth date": RECORD.replace(DATED, ""),
    "no birth date and another name": RECORD.replace(DATED, "").replace("NGỌC</Ten>", "NGA</Ten>"),
    "a name with a zero-width space": RECORD.replace("NGỌC</Ten>", "NG\u200bỌC</Ten>"),
}


@pytest.mark.parametrize("told", INCOMPARABLE.values(), ids=list(INCOMPARABLE))
def test_a_yes_beside_a_record_that_cannot_be_compared_is_no_no(told: str) -> None:
    record = f"<CongDan>{told}</CongDan>"
    for form in (RESULT, COUNTED):
        with pytest.raises(PopulationDatabaseError):
            make_wire().read_verification(soap(form.format(record)), make_claim())
        no = form.replace("true", "false").replace("1", "0").format(record)
        assert make_wire().read_verification(soap(no), make_claim()) is None
    with pytest.raises(PopulationDatabaseError):
        make_wire().read_household(household(record=record), make_claim(), ())
    said_no = make_wire().read_household(household(exists="false", record=record), make_claim(), ())
    assert said_no.head is HeadResult.NOT_FOUND


@pytest.mark.parametrize("form", [RESULT, COUNTED])
def test_a_yes_beside_a_record_that_differs_is_a_no(form: str) -> None:
    record = RECORD.replace("19900730", "19900731")
    body = soap(form.format(f"<CongDan>{record}</CongDan>"))
    assert make_wire().read_verification(body, make_claim()) is None


@pytest.mark.parametrize(
    "body",
    [
        soap(RESULT.replace("true", "false").format(f"<CongDan>{RECORD}</CongDan>")),
        soap(RESPONSE.format(f"<SoLuongCongDan>0</SoLuongCongDan><CongDan>{RECORD}</CongDan>")),
    ],
)
def test_a_no_beside_the_claimed_person_s_own_record_is_garbage(body: bytes) -> None:
    with pytest.raises(PopulationDatabaseError):
        make_wire().read_verification(body, make_claim())


def test_a_household_that_says_no_beside_the_head_s_own_record_is_garbage() -> None:
    body = household(exists="false", record=f"<CongDan>{RECORD}</CongDan>")
    with pytest.raises(PopulationDatabaseError):
        make_wire().read_household(body, make_claim(), ())


def household(head: str = "true", exists: str = "true", members: str = "", record: str = "") -> bytes:
    return soap(
        f"<XacMinhThongTinChuHoResponse><LaChuHo>{head}</LaChuHo><TonTai>{exists}</TonTai>"
        f"<DanhSachThanhVien>{members}</DanhSachThanhVien>{record}</XacMinhThongTinChuHoResponse>"
    )


def member(number: str, said: str) -> str:
    return f"<ThanhVien><SoDinhDanh>{number}</SoDinhDanh><LaThanhVien>{said}</LaThanhVien></ThanhVien>"


def test_members_are_told_in_the_order_asked_and_never_guessed() -> None:
    asked = numbers("100000000001", "100000000002", "100000000003", "100000000004", "100000000005")
    told = (
        member("100000000002", "false")
        + member("100000000001", "true")
        + member("100000000003", "perhaps")
        + member("100000000005", "true")
        + member("100000000005", "false")
        + member("100000000009", "true")
        + member("100000000001", "false")
        .replace("<ThanhVien>", "<GhiChu>")
        .replace("</ThanhVien>", "</GhiChu>")
    )
    answer = make_wire().read_household(household(members=told), make_claim(), tuple(asked))
    unknown = MemberResult.UNKNOWN
    assert answer.head is HeadResult.CONFIRMED
    assert answer.members == (MemberResult.MEMBER, MemberResult.NOT_MEMBER, unknown, unknown, unknown)


@pytest.mark.parametrize(
    ("head", "exists", "result"),
    [
        ("false", "true", HeadResult.NOT_HEAD),
        ("false", "false", HeadResult.NOT_FOUND),
        ("true", "false", HeadResult.NOT_FOUND),
    ],
)
def test_members_are_unknown_unless_the_head_is_confirmed(head: str, exists: str, result: HeadResult) -> None:
    body = household(head, exists, member("100000000001", "true"))
    answer = make_wire().read_household(body, make_claim(), tuple(numbers("100000000001")))
    assert (answer.head, answer.members) == (result, (MemberResult.UNKNOWN,))
    assert (answer.person is None) is (result is HeadResult.NOT_FOUND)


def test_an_empty_record_beside_a_household_says_nothing() -> None:
    assert (
        make_wire().read_household(household(record="<CongDan/>"), make_claim(), ()).head
        is HeadResult.CONFIRMED
    )
    body = b'{"data": {"tonTai": true, "laChuHo": true, "congDan": null}}'
    assert make_wire("lgsp-json").read_household(body, make_claim(), ()).head is HeadResult.CONFIRMED


def test_a_household_with_a_record_of_nobody_is_garbage_unless_it_says_no() -> None:
    nameless = "<CongDan><HoVaTen/><GioiTinh>0</GioiTinh></CongDan>"
    with pytest.raises(PopulationDatabaseError):
        make_wire().read_household(household(record=nameless), make_claim(), ())
    no = household(exists="false", record=nameless)
    assert make_wire().read_household(no, make_claim(), ()).head is HeadResult.NOT_FOUND


def test_a_household_in_json_says_the_same() -> None:
    members = [{"soCMND": "000000104", "laThanhVien": True}]
    body = json.dumps({"data": {"tonTai": True, "laChuHo": True, "danhSachThanhVien": members}}).encode()
    answer = make_wire("lgsp-json").read_household(body, make_claim(), tuple(numbers("000000104")))
    assert (answer.head, answer.members) == (HeadResult.CONFIRMED, (MemberResult.MEMBER,))


@pytest.mark.parametrize(("head", "exists"), [("", "true"), ("true", ""), ("maybe", "true"), ("true", "2")])
def test_a_household_that_does_not_tell_is_garbage(head: str, exists: str) -> None:
    with pytest.raises(PopulationDatabaseError):
        make_wire().read_household(household(head, exists), make_claim(), ())


def test_the_sandbox_labels_are_those_of_its_people() -> None:
    labels = read_labels(ROOT / "app" / "sandbox" / "labels.json")
    population: dict[str, Any] = json.loads((ROOT / "app/sandbox/population.json").read_text("utf-8"))
    assert labels.relationships == population["relationship_labels"]
    for person in population["citizens"]:
        for place in ("birth_registration_place", "native_place", "permanent_address", "current_address"):
            if (address := person[place]) is None:
                continue
            district = address["district"] and address["district"]["code"]
            named = labels.ward(address["ward"]["code"], district=district)
            assert named == Coded(address["ward"]["code"], address["ward"]["label"])


def test_codes_of_units_compare_as_numbers_and_stay_as_they_came() -> None:
    labels = Labels(
        districts={"1": "Quận Ba Đình"}, wards_before={"001/4": "Phúc Xá"}, wards_since={"4": "Ba Đình"}
    )
    assert labels.district("001") == Coded("001", "Quận Ba Đình")
    assert labels.ward("00004", district="1") == Coded("00004", "Phúc Xá")
    assert labels.ward("00004", district=None) == Coded("00004", "Ba Đình")
    assert labels.ward("00040", district=None) == Coded("00040", None)


def test_labels_that_cannot_be_used_stop_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    with pytest.raises(LabelsFileError, match="cannot be read"):
        read_labels(path)
    path.write_text('{"wards": {}}')
    with pytest.raises(LabelsFileError, match="wrong at wards"):
        read_labels(path)
    path.write_text('{"wards_since": {"4": "Ba Đình", "00004": "Ngọc Hà"}}')
    with pytest.raises(LabelsFileError, match="wrong at wards_since"):
        read_labels(path)
    assert read_labels(None) == Labels()
