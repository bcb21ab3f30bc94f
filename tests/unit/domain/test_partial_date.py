from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.partial_date import PartialDate

days = st.dates(min_value=date(1800, 1, 1), max_value=date(2200, 12, 31))
dates = st.builds(lambda day, length: day.isoformat()[:length], days, st.sampled_from((4, 7, 10)))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1990", (1990, None, None)),
        ("1990-07", (1990, 7, None)),
        ("1990-07-30", (1990, 7, 30)),
        ("1988-02-29", (1988, 2, 29)),
        ("1800", (1800, None, None)),
        ("2200-12-31", (2200, 12, 31)),
    ],
)
def test_a_date_is_read_to_the_precision_it_has(text: str, parts: tuple[int, int | None, int | None]) -> None:
    read = PartialDate.parse(text)
    assert (read.year, read.month, read.day) == parts
    assert str(read) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "90",
        "19900",
        "1990-7",
        "1990-07-3",
        "1990-07-30T00:00",
        "1990-00",
        "1990-13",
        "1990-02-30",
        "1990-02-00",
        "1900-02-29",
        "1799",
        "2201",
        "0000",
        "1990\n",
        " 1990",
        "1990--1",
        "１９９０",
        "١٩٩٠-07",
        "30/07/1990",
        "19900730",
    ],
)
def test_other_forms_and_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|year"):
        PartialDate.parse(text)


def test_a_refusal_shows_neither_the_date_nor_a_cause_that_does() -> None:
    with pytest.raises(ValueError, match="no calendar has this date") as caught:
        PartialDate.parse("1991-02-30")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_day_needs_its_month() -> None:
    with pytest.raises(ValueError, match="a day needs its month"):
        PartialDate(1990, None, 30)


def test_a_date_does_not_print_in_a_representation() -> None:
    assert "1990" not in repr(PartialDate.parse("1990-07-30"))


@pytest.mark.parametrize(
    ("claimed", "recorded", "is_form"),
    [
        ("1990", "1990-07-30", True),
        ("1990-07", "1990-07-30", True),
        ("1990-07-30", "1990-07-30", True),
        ("1990", "1990", True),
        ("1990", "1990-07", True),
        ("1990-07", "1990", False),
        ("1990-07-30", "1990", False),
        ("1990-07-30", "1990-07", False),
        ("1991", "1990-07-30", False),
        ("1990-08", "1990-07-30", False),
        ("1990-07-31", "1990-07-30", False),
        ("1990-08-30", "1990-07-30", False),
    ],
)
def test_a_claim_may_be_shorter_than_the_record_never_longer(
    claimed: str, recorded: str, *, is_form: bool
) -> None:
    assert PartialDate.parse(claimed).is_form_of(PartialDate.parse(recorded)) is is_form


@pytest.mark.parametrize(
    ("text", "begins_after"),
    [
        ("2026-11-23", False),
        ("2026-11-24", True),
        ("2026-11", False),
        ("2026-12", True),
        ("2026", False),
        ("2027", True),
    ],
)
def test_a_date_lies_in_the_future_when_its_first_day_does(text: str, *, begins_after: bool) -> None:
    assert PartialDate.parse(text).begins_after(date(2026, 11, 23)) is begins_after


@given(dates)
def test_reading_and_writing_are_inverse(text: str) -> None:
    assert str(PartialDate.parse(text)) == text


@given(dates, dates)
def test_being_a_form_of_a_record_is_being_the_beginning_of_its_text(one: str, other: str) -> None:
    assert PartialDate.parse(one).is_form_of(PartialDate.parse(other)) is other.startswith(one)


@given(days)
def test_every_shorter_text_of_a_date_is_a_form_of_it(day: date) -> None:
    record = PartialDate.parse(day.isoformat())
    assert all(PartialDate.parse(day.isoformat()[:length]).is_form_of(record) for length in (4, 7, 10))


@given(dates, days, days)
def test_what_begins_after_a_day_begins_after_every_earlier_one(text: str, one: date, other: date) -> None:
    claimed = PartialDate.parse(text)
    assert claimed.begins_after(min(one, other)) >= claimed.begins_after(max(one, other))


@given(st.from_regex(r"\d{4}", fullmatch=True))
def test_only_ascii_digits_are_a_year(text: str) -> None:
    if text.isascii() and 1800 <= int(text) <= 2200:
        assert PartialDate.parse(text).year == int(text)
    else:
        with pytest.raises(ValueError, match=r"date|year"):
            PartialDate.parse(text)
