from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.holidays_vn import vietnamese_calendar
from app.domain.working_time import (
    DEFAULT_PERIODS,
    MONDAY_TO_FRIDAY,
    VIETNAM_TIME,
    NoWorkingTimeError,
    WorkCalendar,
)
from tests.unit.domain.moments import at

CALENDAR = vietnamese_calendar(range(2025, 2029))
HOUR = timedelta(hours=1)

moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 6, 30), timezones=st.just(VIETNAM_TIME))  # noqa: DTZ001 - the zone is drawn
counts = st.timedeltas(timedelta(0), timedelta(hours=400))


def make_calendar(
    *,
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY,
    days_off: dict[date, str] | None = None,
    extra_working_days: frozenset[date] = frozenset(),
) -> WorkCalendar:
    return WorkCalendar(DEFAULT_PERIODS, weekdays, days_off or {}, extra_working_days)


@pytest.mark.parametrize(
    "offset", [UTC, timezone(timedelta(hours=-10)), timezone(timedelta(hours=14)), VIETNAM_TIME]
)
def test_the_offset_of_a_moment_does_not_matter_and_the_answer_is_in_vietnam_time(offset: timezone) -> None:
    # 06:00 on Monday in Vietnam, still Sunday in UTC.
    due_at = CALENDAR.due_at(at("2026-09-14 06:00").astimezone(offset), 1)
    assert due_at.isoformat() == "2026-09-14T17:00:00+07:00"


@pytest.mark.parametrize(
    ("a", "b", "hours"),
    [
        ("2026-09-14 09:00", "2026-09-14 11:00", 2.0),
        ("2026-09-14 11:00", "2026-09-14 13:30", 1.0),
        ("2026-09-14 00:00", "2026-09-15 00:00", 8.0),
        ("2026-09-14 16:00", "2026-09-15 08:00", 1.5),
        ("2026-09-18 16:00", "2026-09-21 08:00", 1.5),
        ("2026-09-14 00:00", "2026-09-21 00:00", 40.0),
        ("2026-02-13 17:00", "2026-02-23 07:30", 0.0),
        ("2026-08-21 17:00", "2026-08-24 07:30", 8.0),
        ("2026-01-01 00:00", "2026-01-12 00:00", 48.0),
        ("2026-09-15 08:00", "2026-09-14 16:00", -1.5),
        ("2026-09-14 09:00", "2026-09-14 09:00", 0.0),
    ],
)
def test_the_hours_between_two_moments_are_those_that_are_worked(a: str, b: str, hours: float) -> None:
    assert CALENDAR.working_time_between(at(a), at(b)) == timedelta(hours=hours)


def test_hours_added_to_a_close_go_on_with_the_next_opening() -> None:
    assert CALENDAR.add_working_hours(at("2026-09-18 17:00"), HOUR) == at("2026-09-21 08:30")


@given(moments, counts)
def test_what_was_added_lies_between(start: datetime, hours: timedelta) -> None:
    end = CALENDAR.add_working_hours(start, hours)
    assert end >= start
    assert CALENDAR.working_time_between(start, end) == hours
    assert CALENDAR.working_time_between(end, start) == -hours


@given(moments, counts, counts)
def test_more_hours_never_end_earlier(start: datetime, one: timedelta, other: timedelta) -> None:
    less, more = sorted((one, other))
    assert CALENDAR.add_working_hours(start, less) <= CALENDAR.add_working_hours(start, more)


@given(moments, moments, counts)
def test_a_later_start_never_ends_earlier(one: datetime, other: datetime, hours: timedelta) -> None:
    first, second = sorted((one, other))
    assert CALENDAR.add_working_hours(first, hours) <= CALENDAR.add_working_hours(second, hours)


@given(moments, counts.filter(bool), counts.filter(bool))
def test_counting_in_two_parts_ends_where_counting_at_once_does(
    start: datetime, one: timedelta, other: timedelta
) -> None:
    in_parts = CALENDAR.add_working_hours(CALENDAR.add_working_hours(start, one), other)
    assert in_parts == CALENDAR.add_working_hours(start, one + other)


@given(moments, moments, moments)
def test_working_time_adds_up(a: datetime, b: datetime, c: datetime) -> None:
    between = CALENDAR.working_time_between
    assert between(a, b) + between(b, c) == between(a, c)


@given(moments, counts.filter(bool))
def test_a_count_ends_within_working_hours_or_at_their_close(start: datetime, hours: timedelta) -> None:
    end = CALENDAR.add_working_hours(start, hours)
    assert CALENDAR.is_working_day(end.date())
    assert any(opening < end.time() <= close for opening, close in DEFAULT_PERIODS)


def test_a_year_without_work_is_passed_over() -> None:
    year_off = {date(2026, 1, 1) + timedelta(days=offset): "Nghỉ" for offset in range(365)}
    due_at = make_calendar(days_off=year_off).due_at(at("2025-12-31 09:00"), 1)
    assert due_at == at("2027-01-01 09:00")


@pytest.mark.parametrize("working_days", [0, 1])
def test_a_calendar_without_work_says_so(working_days: int) -> None:
    with pytest.raises(NoWorkingTimeError):
        make_calendar(weekdays=frozenset()).due_at(at("2026-09-14 09:00"), working_days)


def test_only_extra_days_may_be_worked() -> None:
    calendar = make_calendar(weekdays=frozenset(), extra_working_days=frozenset({date(2026, 9, 19)}))
    assert calendar.due_at(at("2026-09-14 09:00"), 1) == at("2026-09-19 17:00")
    with pytest.raises(NoWorkingTimeError):
        calendar.due_at(at("2026-09-14 09:00"), 2)


@pytest.mark.parametrize(
    "start",
    [
        datetime.max.replace(tzinfo=UTC),
        at("9999-12-31 16:59"),
        datetime.min.replace(tzinfo=timezone(14 * HOUR)),
    ],
)
def test_the_edges_of_time_are_refused_and_do_not_break(start: datetime) -> None:
    with pytest.raises(NoWorkingTimeError):
        CALENDAR.add_working_hours(start, HOUR)


def test_a_count_beyond_time_is_refused() -> None:
    with pytest.raises(NoWorkingTimeError):
        CALENDAR.add_working_hours(at("2026-09-14 09:00"), timedelta.max / 2)


def test_a_count_backward_is_refused() -> None:
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.add_working_hours(at("2026-09-14 09:00"), -HOUR)


def test_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        CALENDAR.due_at(at("2026-09-14 09:00").replace(tzinfo=None), 1)


@pytest.mark.parametrize(
    "periods",
    [
        (),
        ((time(8), time(8)),),
        ((time(12), time(8)),),
        ((time(13), time(17)), (time(8), time(12))),
        ((time(8), time(12)), (time(12), time(17))),
    ],
)
def test_hours_that_are_no_working_day_are_refused(periods: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="in order and apart"):
        WorkCalendar(periods, MONDAY_TO_FRIDAY, {}, ())


def test_there_are_seven_weekdays() -> None:
    with pytest.raises(ValueError, match=r"0\.\.6"):
        make_calendar(weekdays=frozenset({7}))


def test_a_working_day_may_have_other_hours_than_eight() -> None:
    calendar = WorkCalendar([(time(7), time(11, 30)), (time(13, 30), time(17))], range(6), {}, ())
    assert calendar.due_at(at("2026-09-18 08:00"), 1) == at("2026-09-19 08:00")
    short = WorkCalendar([(time(8), time(12))], range(6), {}, ())
    assert short.due_at(at("2026-09-18 08:00"), 1) == at("2026-09-19 12:00")


def test_a_later_change_of_what_a_calendar_was_made_from_does_not_reach_it() -> None:
    days_off = {date(2026, 9, 14): "Nghỉ"}
    calendar = make_calendar(days_off=days_off)
    days_off.clear()
    assert not calendar.is_working_day(date(2026, 9, 14))
    assert calendar.due_at(at("2026-09-14 09:00"), 1) == at("2026-09-15 17:00")


def test_an_extra_working_day_wins_over_a_day_off() -> None:
    monday = date(2026, 9, 14)
    calendar = make_calendar(days_off={monday: "Nghỉ"}, extra_working_days=frozenset({monday}))
    assert calendar.due_at(at("2026-09-14 09:00"), 1) == at("2026-09-15 09:00")
    assert calendar.days_off_between(at("2026-09-14 09:00"), at("2026-09-15 09:00")) == []


@pytest.mark.parametrize(
    ("a", "b", "days"),
    [
        ("2026-04-24 16:00", "2026-05-04 16:00", ["2026-04-26", "2026-04-27", "2026-04-30", "2026-05-01"]),
        ("2026-04-30 23:59", "2026-04-30 23:59", ["2026-04-30"]),
        ("2026-09-14 09:00", "2026-09-18 09:00", []),
        ("2026-05-04 16:00", "2026-04-24 16:00", []),
    ],
)
def test_days_off_are_listed_with_both_ends(a: str, b: str, days: list[str]) -> None:
    listed = CALENDAR.days_off_between(at(a), at(b))
    assert [day.isoformat() for day, _ in listed] == days
    assert all(name for _, name in listed)


def test_days_off_are_those_of_vietnam_time() -> None:
    late = datetime(2026, 4, 29, 17, 30, tzinfo=UTC)
    assert CALENDAR.days_off_between(late, late) == [(date(2026, 4, 30), "Ngày Chiến thắng")]
