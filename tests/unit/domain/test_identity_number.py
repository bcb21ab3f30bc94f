import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity_number import IdentityNumber, NumberFacts
from app.domain.partial_date import PartialDate

digits = st.text(alphabet="0123456789")
numbers = st.one_of(st.from_regex(r"[0-9]{9}", fullmatch=True), st.from_regex(r"[0-9]{12}", fullmatch=True))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345678",
        "1234567890",
        "12345678901",
        "1234567890123",
        "03119000000A",
        "031190000001\n",
        " 31190000001",
        "-31190000001",
        "０３１１９０００００01",
        "٠٣١١٩٠٠٠٠٠٠١",
        "²31190000001",
    ],
)
def test_anything_but_nine_or_twelve_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="exactly 9 or 12 ASCII digits"):
        IdentityNumber(text)


@given(st.text(alphabet=st.characters(categories=("Nd", "Nl", "No")), min_size=9, max_size=12))
def test_digits_of_other_scripts_are_refused(text: str) -> None:
    is_number = len(text) in {9, 12} and all(character in "0123456789" for character in text)
    if is_number:
        assert IdentityNumber(text).value == text
    else:
        with pytest.raises(ValueError, match="ASCII digits"):
            IdentityNumber(text)


@pytest.mark.parametrize(
    ("text", "masked", "is_old"),
    [("100088000002", "100********2", False), ("000000101", "000*****1", True)],
)
def test_a_number_shows_its_first_three_digits_and_its_last(text: str, masked: str, *, is_old: bool) -> None:
    number = IdentityNumber(text)
    assert (number.masked(), str(number), number.is_old) == (masked, masked, is_old)


@given(numbers)
def test_masking_never_shows_more_than_four_digits(text: str) -> None:
    masked = IdentityNumber(text).masked()
    assert len(masked) == len(text)
    assert sum(character.isdigit() for character in masked) == 4
    assert text not in f"{IdentityNumber(text)} {IdentityNumber(text)!r}"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("031190000001", NumberFacts("Hải Phòng", "female", 1990)),
        ("001088000002", NumberFacts("Hà Nội", "male", 1988)),
        ("079216000003", NumberFacts("Thành phố Hồ Chí Minh", "male", 2016)),
        ("046308000041", NumberFacts("Thừa Thiên Huế", "female", 2008)),
        ("096405000001", NumberFacts("Cà Mau", "male", 2105)),
        ("100599000001", NumberFacts(None, "female", 2199)),
        ("100600000001", NumberFacts(None, "male", 2200)),
        ("100999000001", NumberFacts(None, "female", 2399)),
    ],
)
def test_a_twelve_digit_number_tells_province_sex_and_birth_year(text: str, facts: NumberFacts) -> None:
    assert IdentityNumber(text).facts() == facts


def test_the_facts_of_a_number_do_not_print() -> None:
    assert "1990" not in repr(IdentityNumber("031190000001").facts())


def test_an_old_number_tells_nothing() -> None:
    assert IdentityNumber("031190001").facts() is None


@pytest.mark.parametrize(
    ("text", "birth_date", "contradicts"),
    [
        ("031190000001", "1990-07-30", False),
        ("031190000001", "1990", False),
        ("031190000001", "1991", True),
        ("031290000001", "1990", True),
        ("031190001", "1991", False),
    ],
)
def test_a_number_contradicts_a_birth_date_of_another_year(
    text: str, birth_date: str, *, contradicts: bool
) -> None:
    assert IdentityNumber(text).contradicts(PartialDate.parse(birth_date)) is contradicts
