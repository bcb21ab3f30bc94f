from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.receipt_number import format_receipt_number, is_agency_code, is_receipt_number

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("agency_code", "counter", "number"),
    [
        ("H24.15", 1, "H24.15-261123-0001"),
        ("H24", 42, "H24-261123-0042"),
        ("H24.15.01", 9999, "H24.15.01-261123-9999"),
        ("H24.15", 10000, "H24.15-261123-10000"),
        ("H24.15", 99_999_999, "H24.15-261123-99999999"),
        ("000.00.01.H22", 7, "000.00.01.H22-261123-0007"),
    ],
)
def test_a_receipt_number_is_agency_day_and_counter(agency_code: str, counter: int, number: str) -> None:
    assert format_receipt_number(agency_code, DAY, counter) == number
    assert is_receipt_number(number)


@pytest.mark.parametrize("counter", [0, -1, 100_000_000])
def test_a_counter_that_no_receipt_can_have_is_refused(counter: int) -> None:
    with pytest.raises(ValueError, match="counter"):
        format_receipt_number("H24.15", DAY, counter)


def test_a_receipt_needs_an_agency() -> None:
    with pytest.raises(ValueError, match="agency code"):
        format_receipt_number("h24.15", DAY, 1)


@pytest.mark.parametrize(
    "code", ["H24", "G12.18", "G09.20", "H24.15.01", "H24.15.001.1", "000.00.00.H48", "000.000.001.H22"]
)
def test_every_form_of_agency_code_that_was_seen_is_known(code: str) -> None:
    assert is_agency_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "h24",
        "H2",
        "H244",
        "H24.",
        "H24.1234",
        "H24.1.2.3.4",
        "H２４",
        "Đ24",
        "H24\n",
        "00.00.01.H22",
        "H24-15",
    ],
)
def test_other_text_is_no_agency_code(code: str) -> None:
    assert not is_agency_code(code)


@pytest.mark.parametrize(
    "number", ["H24.15-261123-0001", "G09.20-20260609-0092637", "000.00.01.H22-261123-0001"]
)
def test_own_and_central_receipt_numbers_have_the_form(number: str) -> None:
    assert is_receipt_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "H24.15-261123-001",
        "H24.15-261123-0001\n",
        "H24.15-2611234-0001",
        "H24.15-261123-123456789",
        "h24.15-261123-0001",
        "H24.15-２６１１２３-0001",
        "H24.15_261123_0001",
        " H24.15-261123-0001",
    ],
)
def test_other_text_is_no_receipt_number(number: str) -> None:
    assert not is_receipt_number(number)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 99_999_999), st.integers(1, 99_999_999))
def test_numbers_of_one_day_differ_when_their_counters_do(day: date, one: int, other: int) -> None:
    numbers = {format_receipt_number("H24.15", day, counter) for counter in (one, other)}
    assert len(numbers) == len({one, other})
    assert all(is_receipt_number(number) for number in numbers)
