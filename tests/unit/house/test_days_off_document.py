from datetime import date

from app.commands.calendar_file import read_calendar_file
from app.domain.holidays_vn import YEARS, vietnamese_calendar
from tests.unit.house.days_off_document import days_off_file
from tests.unit.house.source_files import ROOT

SEED = ROOT / "app" / "domain" / "holidays_vn.csv"


def test_the_committed_days_off_are_those_of_the_library_with_our_corrections() -> None:
    assert SEED.read_text(encoding="utf-8") == days_off_file(), "days off changed: make holidays"


def test_the_seed_is_a_notices_file_and_the_calendar_has_all_of_it() -> None:
    named = read_calendar_file(SEED)
    calendar = vietnamese_calendar(YEARS)
    assert calendar.days_off == {day.day: day.name for day in named if not day.is_working}
    assert calendar.extra_working_days == {day.day for day in named if day.is_working}
    assert {day.day.year for day in named} == set(YEARS)
    assert date(2026, 1, 10) in calendar.extra_working_days
