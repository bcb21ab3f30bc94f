"""Which cases a search is about."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.case import Applicant, CaseContent
from app.domain.case_search import CaseCriteria, folded_words, words_sought, words_to_mark


def content_of(
    full_name: str = "NGUYỄN THỊ MINH NGỌC",
    birth_date: str = "1990-07-30",
    organization_name: str | None = None,
) -> CaseContent:
    applicant = Applicant(
        full_name=full_name,
        id_number="100190000001",
        birth_date=birth_date,
        phone=None,
        email=None,
        address=None,
        other_document=None,
    )
    return CaseContent(applicant, organization_name, note=None, related_url=None, documents=())


def is_found(criteria: CaseCriteria, content: CaseContent) -> bool:
    """Tell whether a search finds a case: its marks let it through, and it meets the criteria."""
    return words_sought(criteria) <= words_to_mark(content) and criteria.meeting()(content)


@pytest.mark.parametrize(
    "text",
    ["àáảãạ ăằắẳẵặ âầấẩẫậ", "èéẻẽẹ êềếểễệ", "ìíỉĩị", "òóỏõọ ôồốổỗộ ơờớởỡợ", "ùúủũụ ưừứửữự", "ỳýỷỹỵ đð"],
)
def test_every_vietnamese_letter_loses_its_marks(text: str) -> None:
    for form in (text, text.upper(), unicodedata.normalize("NFD", text)):
        letters = set("".join(folded_words(form)))
        assert letters <= set("aeiouyd"), letters
        assert len(letters) <= 2


@pytest.mark.parametrize(
    "sought",
    [
        "NGUYỄN THỊ MINH NGỌC",
        "nguyen thi minh ngoc",
        "  Minh   NGOC ",
        "minh ng",
        "n",
        "ng",
        "ngo",
        "ngọc",
        "thi",
        "nguyễn thị m",
        "MINH-NGỌC",
    ],
)
def test_a_name_is_found_from_the_start_of_any_word(sought: str) -> None:
    assert is_found(CaseCriteria(full_name=sought), content_of())


@pytest.mark.parametrize(
    "sought", ["inh", "goc", "min ngoc", "ngoc minh", "nguyen minh", "ngocx", "nguyen thi minh ngoc anh", "x"]
)
def test_a_name_is_not_found_from_the_middle_of_a_word_or_in_another_order(sought: str) -> None:
    assert not is_found(CaseCriteria(full_name=sought), content_of())


@pytest.mark.parametrize(
    ("sought", "name"), [("y", "Ý LAN"), ("y l", "Ý LAN"), ("ly y", "LÝ Ý"), ("đa", "ĐẶNG A"), ("d", "Đ")]
)
def test_words_of_one_letter_are_words(sought: str, name: str) -> None:
    assert is_found(CaseCriteria(full_name=sought), content_of(name))


@pytest.mark.parametrize("sought", ["H\u02bcHEN NIÊ", "H'HEN", "H’hen nie", "hen nie"])
def test_an_apostrophe_in_whatever_form_parts_words(sought: str) -> None:
    # As the register and we write the letter apostrophe of names.
    assert is_found(CaseCriteria(full_name=sought), content_of("H'HEN NIÊ"))


def test_a_birth_date_is_found_by_its_shorter_forms_and_not_by_longer_ones() -> None:
    for sought in ("1990", "1990-07", "1990-07-30"):
        assert is_found(CaseCriteria(birth_date=sought), content_of())
    for sought in ("1991", "1990-08", "1990-07-31"):
        assert not is_found(CaseCriteria(birth_date=sought), content_of())
    for sought, born in (("1990-07", "1990"), ("1990-07-30", "1990-07")):
        assert not is_found(CaseCriteria(birth_date=sought), content_of(birth_date=born))
    assert is_found(CaseCriteria(birth_date="1990-07"), content_of(birth_date="1990-07"))


def test_an_organisation_is_not_an_applicant() -> None:
    content = content_of(organization_name="Công ty TNHH Một thành viên Hải Âu 1")
    for sought in ("hai au", "cong ty tnhh", "1"):
        assert is_found(CaseCriteria(organization_name=sought), content)
        assert not is_found(CaseCriteria(full_name=sought), content)
    assert not is_found(CaseCriteria(organization_name="minh ngoc"), content)
    assert not is_found(CaseCriteria(organization_name="hai au"), content_of())


def test_all_that_is_asked_must_hold() -> None:
    asked = CaseCriteria(full_name="minh", birth_date="1990", id_number="100190000001")
    assert is_found(asked, content_of())
    assert not is_found(asked, content_of(birth_date="1989"))
    assert not is_found(asked, content_of("TRẦN VĂN AN"))


NAMES = st.lists(
    st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyÁỄỘỰĐNGT", min_size=1, max_size=7), min_size=1, max_size=5
)


@given(NAMES, st.data())
def test_whatever_begins_at_a_word_is_found(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words) - 1))
    whole = " ".join(words[first:])
    sought = whole[: data.draw(st.integers(1, len(whole)))].strip()
    assert is_found(CaseCriteria(full_name=sought), content_of(" ".join(words)))


@given(NAMES, NAMES)
def test_the_marks_never_hide_what_meets_the_criteria(sought: list[str], words: list[str]) -> None:
    criteria, content = CaseCriteria(full_name=" ".join(sought)), content_of(" ".join(words))
    assert words_sought(criteria) <= words_to_mark(content) or not criteria.meeting()(content)


@pytest.mark.parametrize(
    ("criteria", "is_narrow"),
    [
        (CaseCriteria(full_name="trần thị"), True),
        (CaseCriteria(full_name="trần thị uyên"), False),
        (CaseCriteria(organization_name="công ty thử nghiệm"), False),
        (CaseCriteria(birth_date="1990"), True),
    ],
)
def test_pairs_of_three_words_may_stand_apart(criteria: CaseCriteria, *, is_narrow: bool) -> None:
    assert criteria.is_narrow is is_narrow
