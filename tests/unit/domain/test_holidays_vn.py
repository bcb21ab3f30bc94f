from datetime import date

import pytest

from app.domain.day_override import NamedDay, with_overrides
from app.domain.holidays_vn import is_guessed, vietnamese_calendar

CALENDAR = vietnamese_calendar(range(2025, 2028))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2025-01-01", "Tết Dương lịch"),
        ("2025-05-02", "Ngày nghỉ (thay cho ngày 26/04/2025)"),
        ("2026-01-01", "Tết Dương lịch"),
        ("2026-01-02", "Ngày nghỉ (thay cho ngày 10/01/2026)"),
        ("2026-02-16", "Giao thừa Tết Nguyên Đán"),
        ("2026-02-17", "Tết Nguyên Đán"),
        ("2026-04-27", "Ngày Giỗ Tổ Hùng Vương (nghỉ bù)"),
        ("2026-04-30", "Ngày Chiến thắng"),
        ("2026-05-01", "Ngày Quốc tế Lao động"),
        ("2026-08-31", "Ngày nghỉ (thay cho ngày 22/08/2026)"),
        ("2026-09-02", "Quốc khánh"),
        ("2026-11-24", "Ngày Văn hóa Việt Nam"),
    ],
)
def test_a_day_off_has_its_vietnamese_name(day: str, name: str) -> None:
    assert CALENDAR.days_off[date.fromisoformat(day)] == name
    assert not CALENDAR.is_working_day(date.fromisoformat(day))


def test_the_swapped_saturdays_are_worked() -> None:
    assert CALENDAR.extra_working_days == {date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)}


@pytest.mark.parametrize("day", ["2026-08-29", "2026-08-30", "2025-02-01", "2026-01-03"])
def test_other_weekends_are_not(day: str) -> None:
    assert not CALENDAR.is_working_day(date.fromisoformat(day))


def test_a_calendar_knows_only_the_years_it_was_asked_for() -> None:
    calendar = vietnamese_calendar([2025])
    assert {day.year for day in calendar.days_off} == {2025}
    assert calendar.extra_working_days == {date(2025, 4, 26)}


def test_a_new_notice_adds_days_off_and_working_days() -> None:
    notice = [
        NamedDay(date(2027, 2, 11), is_working=False, name="Nghỉ Tết"),
        NamedDay(date(2027, 2, 20), is_working=True, name="Làm bù"),
    ]
    calendar = with_overrides(vietnamese_calendar([2027]), notice)
    assert calendar.days_off[date(2027, 2, 11)] == "Nghỉ Tết"
    assert not calendar.is_working_day(date(2027, 2, 11))
    assert calendar.is_working_day(date(2027, 2, 20))


def test_a_notice_may_take_a_guessed_day_off_back() -> None:
    guessed = date(2027, 9, 3)
    seed = vietnamese_calendar([2027])
    assert not seed.is_working_day(guessed)
    calendar = with_overrides(seed, [NamedDay(guessed, is_working=True, name="Làm việc")])
    assert calendar.is_working_day(guessed)
    assert guessed not in calendar.days_off


def test_a_notice_may_take_a_swapped_saturday_back() -> None:
    swapped = date(2026, 8, 22)
    calendar = with_overrides(vietnamese_calendar([2026]), [NamedDay(swapped, is_working=False, name="Nghỉ")])
    assert not calendar.is_working_day(swapped)
    assert calendar.days_off[swapped] == "Nghỉ"


def test_a_notice_may_rename_a_day() -> None:
    renamed = NamedDay(date(2026, 9, 2), is_working=False, name="Quốc khánh 2/9")
    calendar = with_overrides(vietnamese_calendar([2026]), [renamed])
    assert calendar.days_off[date(2026, 9, 2)] == "Quốc khánh 2/9"


def test_only_years_whose_notice_is_known_are_no_guesses() -> None:
    assert [year for year in range(2024, 2030) if is_guessed(year)] == [2027, 2028, 2029]
