from pathlib import Path

import pytest

from tests.simulator.asking import (
    ANSWER,
    HOUSEHOLD,
    VERIFY,
    ask,
    changed,
    elements,
    envelope,
    fault,
    in_body,
    members,
    names,
    post,
    text,
)
from tests.simulators import RunningSimulator, running_simulator

NOBODY = "100190999999"
NAME_PARTS = ("HoVaTen/Ho", "HoVaTen/ChuDem", "HoVaTen/Ten")


def test_the_shared_record_has_the_elements_of_shape_a_in_their_order(ndxp: RunningSimulator) -> None:
    collection = ask(ndxp)
    assert collection.tag == f"{ANSWER}CongdanCollection"
    assert names(collection) == ["CongDan"]
    citizen = collection[0]
    assert names(citizen) == [
        "SoDinhDanh", "SoCMND", "HoVaTen", "GioiTinh", "DanToc", "TonGiao", "TinhTrangHonNhan", "NhomMau",
        "NgayThangNamSinh", "NoiDangKyKhaiSinh", "QuocTich", "QueQuan", "ThuongTru", "NoiOHienTai", "Cha",
        "Me", "VoChong", "NguoiDaiDien", "ChuHo", "SoSoHoKhau", "TrangThaiCongDan",
    ]  # fmt: skip
    units = ["MaTinhThanh", "MaQuanHuyen", "MaPhuongXa", "ChiTiet", "QuocGia"]
    assert names(citizen.find(f"{ANSWER}QueQuan")) == units
    assert [text(citizen, part) for part in NAME_PARTS] == [None, None, "NGUYỄN THỊ MINH NGỌC"]
    assert text(citizen, "NgayThangNamSinh/NgayThangNam") == "19900730"
    assert text(citizen, "ChuHo/QuanHe") == "CH01"
    assert text(citizen, "VoChong/HoVaTen") == "TRẦN VĂN HÒA"
    assert text(citizen, "ThuongTru/MaQuanHuyen") is None


def test_the_shared_record_comes_in_shape_b_if_told(ndxp: RunningSimulator) -> None:
    ndxp.behave(shape="B", name="split")
    collection = ask(ndxp)
    assert {"Id", "SoCongDan", "GhiChu", "ThoiDiemDuLieu"} == set(collection.attrib)
    citizen = collection[0]
    assert [text(citizen, part) for part in NAME_PARTS] == ["NGUYỄN", "THỊ MINH", "NGỌC"]
    assert text(citizen, "DanToc/MaDanToc") == "01"
    assert text(citizen, "QueQuan/MaDonViHanhChinh") == "11311"
    assert text(citizen, "Cha/HoVaTen/Ten") == "ĐỨC"
    assert not {"ChuHo", "VoChong"} & set(names(citizen))


@pytest.mark.parametrize(
    ("name", "number", "born"),
    [
        ("NGUYỄN THỊ MINH NGỌC", "000000101", "19900730"),
        ("NGUYỄN THỊ MINH NGỌC", "100190000001", "1990"),
        ("TRẦN VĂN HOÀ", "100088000002", "19880229"),
        ("NGUYỄN VĂN ĐỨC", "100058000004", "1958"),
        ("LÊ THỊ HÒA", "100160000005", "1960"),
    ],
    ids=["old number", "year", "tone mark on the other vowel", "known by year", "known by month"],
)
def test_a_question_that_fits_finds_its_person(
    ndxp: RunningSimulator, name: str, number: str, born: str
) -> None:
    citizen = ask(ndxp, listed=elements(name=name, number=number, born=born))[0]
    assert number in {text(citizen, "SoDinhDanh"), text(citizen, "SoCMND")}


@pytest.mark.parametrize(
    ("name", "number", "born"),
    [
        ("NGUYỄN THỊ MINH", "100190000001", "19900730"),
        ("NGUYEN THI MINH NGOC", "100190000001", "19900730"),
        ("NGUYỄN THỊ MINH NGỌC", "100190000001", "19900731"),
        ("NGUYỄN THỊ MINH NGỌC", "100190000001", "1991"),
        ("NGUYỄN THỊ MINH NGỌC", NOBODY, "19900730"),
        ("NGUYỄN VĂN ĐỨC", "100058000004", "19580101"),
    ],
    ids=["name", "no diacritics", "day", "year", "number", "day where a year is known"],
)
def test_a_question_that_does_not_fit_finds_nobody(
    ndxp: RunningSimulator, name: str, number: str, born: str
) -> None:
    citizen = ask(ndxp, listed=elements(name=name, number=number, born=born))[0]
    assert (names(citizen), citizen.text) == ([], None)


def test_nobody_has_three_forms(ndxp: RunningSimulator) -> None:
    assert names(ask(ndxp, listed=elements(number=NOBODY))) == ["CongDan"]
    ndxp.behave(not_found="absent")
    assert names(ask(ndxp, listed=elements(number=NOBODY))) == []
    ndxp.behave(not_found="nameless")
    nobody = ask(ndxp, listed=elements(number=NOBODY))[0]
    assert (names(nobody), text(nobody, "HoVaTen/Ten")) == (["HoVaTen"], None)


def test_a_misfit_can_get_the_numbers_record_all_the_same(ndxp: RunningSimulator) -> None:
    ndxp.behave(misfit="record")
    citizen = ask(ndxp, listed=elements(name="TRẦN VĂN HÒA"))[0]
    assert text(citizen, "HoVaTen/Ten") == "NGUYỄN THỊ MINH NGỌC"


def test_what_the_register_does_not_know_is_empty(ndxp: RunningSimulator) -> None:
    citizen = ask(ndxp, listed=elements(name="HOÀNG VĂN TÍ", number="100224000071", born="20240630"))[0]
    assert text(citizen, "SoCMND") is None
    assert names(citizen.find(f"{ANSWER}ThuongTru")) == []
    assert names(citizen.find(f"{ANSWER}ChuHo")) == []


@pytest.mark.parametrize(
    ("name", "number", "born", "known"),
    [
        ("NGUYỄN VĂN ĐỨC", "100058000004", "1958", None),
        ("LÊ THỊ HÒA", "100160000005", "1960", "196011"),
    ],
)
def test_a_date_tells_the_year_and_as_much_more_as_is_known(
    ndxp: RunningSimulator, name: str, number: str, born: str, known: str | None
) -> None:
    citizen = ask(ndxp, listed=elements(name=name, number=number, born=born))[0]
    assert text(citizen, "NgayThangNamSinh/Nam") == born
    assert text(citizen, "NgayThangNamSinh/NgayThangNam") == known


@pytest.mark.parametrize(
    ("variant", "root", "said", "yes", "no"),
    [
        ("exists", "KetQuaXacThuc", "TonTai", "true", "false"),
        ("count", "XacThucThongTinCongDanResponse", "SoLuongCongDan", "1", "0"),
        ("record", "XacThucThongTinCongDanResponse", "SoLuongCongDan", "1", "0"),
    ],
)
def test_a_verification_answers_in_the_form_that_is_set(
    ndxp: RunningSimulator, variant: str, root: str, said: str, yes: str, no: str
) -> None:
    ndxp.behave(verify=variant)
    there = ask(ndxp, VERIFY)
    nobody = ask(ndxp, VERIFY, elements(VERIFY, number=NOBODY))
    assert there.tag == nobody.tag == ANSWER + root
    assert (text(there, said), text(nobody, said)) == (yes, no)
    assert ("CongDan" in names(there)) is (variant == "record")
    assert "CongDan" not in names(nobody)


def test_a_verification_tells_who_somebody_is_and_nothing_more(ndxp: RunningSimulator) -> None:
    known = ["SoDinhDanh", "SoCMND", "HoVaTen", "NgayThangNamSinh"]
    assert names(ask(ndxp, VERIFY).find(f"{ANSWER}CongDan")) == [*known, "TrangThaiCongDan"]
    ndxp.behave(life_status=False)
    assert names(ask(ndxp, VERIFY).find(f"{ANSWER}CongDan")) == known


@pytest.mark.parametrize(
    ("name", "number", "born", "code"),
    [
        ("NGUYỄN THỊ MINH NGỌC", "100190000001", "1990", "1"),
        ("VŨ THỊ HƯỜNG", "100150000012", "1950", "2"),
        ("BÙI ĐÌNH LẠC", "100075000091", "1975", "3"),
    ],
)
def test_life_status_has_a_code_for_the_living_the_deceased_and_the_missing(
    ndxp: RunningSimulator, name: str, number: str, born: str, code: str
) -> None:
    citizen = ask(ndxp, listed=elements(name=name, number=number, born=born))[0]
    assert text(citizen, "TrangThaiCongDan") == code


def test_a_household_is_told_member_by_member_in_the_order_asked(ndxp: RunningSimulator) -> None:
    asked = members("000000102", "100062000101", "100190000001", "100999000008", "000000999")
    answer = ask(ndxp, HOUSEHOLD, changed(elements(HOUSEHOLD), DanhSachThanhVien=asked[1]))
    assert names(answer) == ["LaChuHo", "TonTai", "DanhSachThanhVien", "CongDan"]
    assert (text(answer, "LaChuHo"), text(answer, "TonTai")) == ("true", "true")
    told = answer.find(f"{ANSWER}DanhSachThanhVien")
    assert told is not None
    assert [(text(one, "SoDinhDanh") or text(one, "SoCMND"), text(one, "LaThanhVien")) for one in told] == [
        ("000000102", "true"),
        ("100062000101", "false"),
        ("100190000001", "true"),
        ("000000999", "false"),
    ]
    ndxp.behave(household_record=False)
    assert "CongDan" not in names(ask(ndxp, HOUSEHOLD))


def test_a_household_of_somebody_who_is_no_head_tells_of_no_member(ndxp: RunningSimulator) -> None:
    spouse = elements(HOUSEHOLD, name="TRẦN VĂN HÒA", number="100088000002", born="19880229")
    answer = ask(ndxp, HOUSEHOLD, changed(spouse, DanhSachThanhVien=members("100190000001")[1]))
    assert (text(answer, "LaChuHo"), text(answer, "TonTai")) == ("false", "true")
    assert names(answer.find(f"{ANSWER}DanhSachThanhVien")) == []
    nobody = ask(ndxp, HOUSEHOLD, elements(HOUSEHOLD, number=NOBODY))
    assert (text(nobody, "LaChuHo"), text(nobody, "TonTai")) == ("false", "false")


def test_a_refusal_is_a_fault_or_stands_in_place_of_the_result(ndxp: RunningSimulator) -> None:
    refused = post(ndxp, envelope(elements(number="100999000003")))
    assert (refused.status_code, fault(refused)[-3:]) == (500, "004")
    ndxp.behave(refusal="body")
    told = post(ndxp, envelope(elements(number="100999000004")))
    assert (told.status_code, text(in_body(told), "MaLoi")) == (200, "005")


@pytest.mark.parametrize(
    ("form", "good", "wrong"),
    [
        ("as_is", "Nguyễn Thị Minh Ngọc", "NGUYỄN  THỊ MINH NGỌC"),
        ("upper_no_diacritics", "NGUYEN THI MINH NGOC", "NGUYỄN THỊ MINH NGỌC"),
        ("upper_no_diacritics_no_blanks", "NGUYENTHIMINHNGOC", "NGUYEN THI MINH NGOC"),
    ],
)
def test_names_come_and_compare_in_the_form_that_is_expected(
    tmp_path: Path, form: str, good: str, wrong: str
) -> None:
    with running_simulator("ndxp-soap", tmp_path, "--name-form", form) as simulator:
        assert names(ask(simulator, listed=elements(name=good))[0])
        assert not names(ask(simulator, listed=elements(name="TRAN"))[0])
        assert fault(post(simulator, envelope(elements(name=wrong)))).startswith("HoVaTen")
