from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import code_lists
from app.domain.citizen import Coded

NUMBERED = (
    code_lists.gender,
    code_lists.marital_status,
    code_lists.blood_type,
    code_lists.ethnicity,
    code_lists.religion,
)
Lookup = Callable[[str | None], Coded | None]


@pytest.mark.parametrize(
    ("lookup", "raw", "label"),
    [
        (code_lists.gender, "1", "Nam"),
        (code_lists.gender, "02", "Nữ"),
        (code_lists.gender, "3", None),
        (code_lists.marital_status, "1", "Chưa kết hôn"),
        (code_lists.marital_status, "02", "Đang có vợ/chồng"),
        (code_lists.marital_status, "3", "Đã ly hôn hoặc góa"),
        (code_lists.marital_status, "4", "Góa"),
        (code_lists.marital_status, "0", None),
        (code_lists.marital_status, "9", None),
        (code_lists.blood_type, "01", "A"),
        (code_lists.blood_type, "2", "B"),
        (code_lists.blood_type, "03", "AB"),
        (code_lists.blood_type, "4", "O"),
        (code_lists.blood_type, "AB", None),
        (code_lists.ethnicity, "01", "Kinh"),
        (code_lists.ethnicity, "1", "Kinh"),
        (code_lists.ethnicity, "12", "Ê-đê"),
        (code_lists.ethnicity, "20", "Mnông"),
        (code_lists.ethnicity, "21", "Ra-glai"),
        (code_lists.ethnicity, "55", "Người nước ngoài"),
        (code_lists.ethnicity, "56", "Không rõ"),
        (code_lists.ethnicity, "99", "Không rõ"),
        (code_lists.ethnicity, "98", None),
        (code_lists.ethnicity, "0", None),
        (code_lists.religion, "0", "Không"),
        (code_lists.religion, "00", "Không"),
        (code_lists.religion, "08", "Tin lành"),
        (code_lists.religion, "12", "Baha'i"),
        (code_lists.religion, "77", None),
        (code_lists.relationship, "CH01", "Chủ hộ"),
        (code_lists.relationship, "CH02", None),
        (code_lists.country, "VN", "Việt Nam"),
        (code_lists.country, "LA", None),
    ],
)
def test_a_code_keeps_its_form_and_gets_its_label(lookup: Lookup, raw: str, label: str | None) -> None:
    assert lookup(raw) == Coded(raw, label)


@pytest.mark.parametrize("lookup", [*NUMBERED, code_lists.relationship, code_lists.country])
@pytest.mark.parametrize("raw", [None, "", "  \n"])
def test_an_empty_code_is_no_information(lookup: Lookup, raw: str | None) -> None:
    assert lookup(raw) is None


@pytest.mark.parametrize("raw", ["0", "00", "000"])
@pytest.mark.parametrize("lookup", [code_lists.gender, code_lists.blood_type])
def test_the_zero_of_gender_and_blood_type_is_no_information(lookup: Lookup, raw: str) -> None:
    assert lookup(raw) is None


def test_every_ethnicity_from_1_to_56_has_a_label_of_its_own() -> None:
    labels = [coded.label for code in range(1, 57) if (coded := code_lists.ethnicity(f"{code:02d}"))]
    assert len(labels) == len(set(labels)) == 56
    assert None not in labels


def test_a_deployment_may_know_more_relationships() -> None:
    labels = {"CH02": "Vợ/Chồng"}
    assert code_lists.relationship("CH02", labels) == Coded("CH02", "Vợ/Chồng")
    assert code_lists.relationship("CH01", labels) == Coded("CH01", "Chủ hộ")


def test_surrounding_blanks_are_no_part_of_a_code() -> None:
    assert code_lists.gender("\n 1 ") == Coded("1", "Nam")


@pytest.mark.parametrize("lookup", NUMBERED)
@given(raw=st.text(max_size=20))
def test_no_text_makes_a_lookup_fail(lookup: Lookup, raw: str) -> None:
    coded = lookup(raw)
    assert coded is None or coded.code == raw.strip()


@pytest.mark.parametrize("lookup", NUMBERED)
def test_a_code_of_five_thousand_digits_is_just_unknown(lookup: Lookup) -> None:
    assert lookup("9" * 5_000) == Coded("9" * 5_000, None)


@pytest.mark.parametrize("lookup", NUMBERED)
def test_digits_of_another_script_are_an_unknown_code(lookup: Lookup) -> None:
    assert lookup("１") == Coded("１", None)
