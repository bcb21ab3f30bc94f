import pytest

from app.domain.citizen import Coded
from app.domain.territory import number_prefix_label, province


@pytest.mark.parametrize(
    ("code", "before", "since"),
    [
        ("15", "Yên Bái", "Lào Cai"),
        ("24", "Bắc Giang", "Bắc Ninh"),
        ("44", "Quảng Bình", "Quảng Trị"),
        ("46", "Thừa Thiên Huế", "Huế"),
        ("52", "Bình Định", "Gia Lai"),
        ("80", "Long An", "Tây Ninh"),
        ("82", "Tiền Giang", "Đồng Tháp"),
        ("91", "Kiên Giang", "An Giang"),
        ("31", "Hải Phòng", "Hải Phòng"),
        ("30", "Hải Dương", None),
        ("79", "Thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh"),
        ("01", "Hà Nội", "Hà Nội"),
        ("1", "Hà Nội", "Hà Nội"),
        ("031", "Hải Phòng", "Hải Phòng"),
        ("3", None, None),
        ("0", None, None),
        ("HP", None, None),
    ],
)
def test_a_province_code_is_read_by_the_table_of_the_address_time(
    code: str, before: str | None, since: str | None
) -> None:
    assert province(code, has_district=True) == Coded(code, before)
    assert province(code, has_district=False) == Coded(code, since)


@pytest.mark.parametrize("code", [None, "", " "])
@pytest.mark.parametrize("has_district", [True, False])
def test_an_empty_province_is_no_information(code: str | None, *, has_district: bool) -> None:
    assert province(code, has_district=has_district) is None


def labels_of(*, has_district: bool) -> set[str]:
    coded = (province(f"{code:02d}", has_district=has_district) for code in range(1, 100))
    return {one.label for one in coded if one is not None and one.label is not None}


def test_there_were_63_provinces_and_are_34() -> None:
    assert len(labels_of(has_district=True)) == 63
    assert len(labels_of(has_district=False)) == 34


def test_no_new_province_has_a_name_that_no_old_one_had_but_hue() -> None:
    assert labels_of(has_district=False) - labels_of(has_district=True) == {"Huế"}


@pytest.mark.parametrize(
    ("prefix", "label"),
    [
        ("001", "Hà Nội"),
        ("015", "Yên Bái"),
        ("031", "Hải Phòng"),
        ("096", "Cà Mau"),
        ("100", None),
        ("31", None),
        ("", None),
    ],
)
def test_a_number_prefix_names_a_province_of_before_the_merge(prefix: str, label: str | None) -> None:
    assert number_prefix_label(prefix) == label


def test_there_are_63_number_prefixes() -> None:
    assert sum(number_prefix_label(f"{prefix:03d}") is not None for prefix in range(1_000)) == 63
