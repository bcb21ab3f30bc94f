"""Due dates worked out by hand from the notices: 07:30-11:30 and 13:00-17:00, Monday to Friday."""

from datetime import time

import pytest

from app.domain.holidays_vn import vietnamese_calendar
from app.domain.working_time import WorkCalendar
from tests.unit.domain.moments import at

CALENDAR = vietnamese_calendar(range(2024, 2029))

DUE = [
    # --- Tết 2025: Monday 27/1 to Friday 31/1 off
    # Friday 24/1 has 5.5 h left, Monday 3/2 gives the other 2.5
    ("2025-01-24 10:00", 1, "2025-02-03 10:00"),
    # after the last close before Tết: the whole of Monday 3/2
    ("2025-01-24 17:00", 1, "2025-02-03 17:00"),
    # Thursday afternoon 4 h, Friday 8, Monday 3/2 the morning's 4
    ("2025-01-23 13:00", 2, "2025-02-03 11:30"),
    # on the first day of Tết: counts from Monday 3/2
    ("2025-01-29 09:00", 1, "2025-02-03 17:00"),
    # on the Sunday that ends Tết: Monday 3, Tuesday 4, Wednesday 5
    ("2025-02-02 20:00", 3, "2025-02-05 17:00"),
    # --- Tết 2026: Monday 16/2 to Friday 20/2 off
    # half an hour on Friday 13/2, then 7.5 h on Monday 23/2
    ("2026-02-13 16:30", 1, "2026-02-23 16:30"),
    # 7.5 h on Wednesday 11, then 12, 13, 23, 24 and half an hour on Wednesday 25
    ("2026-02-11 08:00", 5, "2026-02-25 08:00"),
    # the Saturday before Tết: Monday 23 and Tuesday 24
    ("2026-02-14 09:00", 2, "2026-02-24 17:00"),
    # nothing to count, during Tết: the next opening
    ("2026-02-20 11:30", 0, "2026-02-23 07:30"),
    # --- Tết 2027, as guessed: Thursday 4/2, Friday 5/2, Monday 8/2 to Wednesday 10/2 off
    # 2 h on Wednesday 3/2, 6 h on Thursday 11/2
    ("2027-02-03 15:00", 1, "2027-02-11 15:00"),
    # --- Giỗ Tổ 2025: Monday 7/4 off
    # 3 h on Friday 4/4, 5 h on Tuesday 8/4
    ("2025-04-04 14:00", 1, "2025-04-08 14:00"),
    # --- 30/4 and 1/5 of 2025: Wednesday 30/4 to Friday 2/5 off, Saturday 26/4 worked
    # after Friday's close: the swapped Saturday
    ("2025-04-25 17:00", 1, "2025-04-26 17:00"),
    # 3.5 h on that Saturday, Monday 28, 4.5 h on Tuesday 29
    ("2025-04-26 13:30", 2, "2025-04-29 13:30"),
    # 7 h on Tuesday 29, Monday 5/5, one hour on Tuesday 6/5
    ("2025-04-29 08:30", 2, "2025-05-06 08:30"),
    # the Saturday within the days off is an ordinary one: Monday 5/5
    ("2025-05-03 10:00", 1, "2025-05-05 17:00"),
    # --- 2026: Monday 27/4 off for Giỗ Tổ on a Sunday; Thursday 30/4 and Friday 1/5 off
    # after Friday's close, Monday off: Tuesday 28
    ("2026-04-24 17:30", 1, "2026-04-28 17:00"),
    # Tuesday afternoon 4 h, Wednesday 29, Monday 4/5 the morning's 4
    ("2026-04-28 11:30", 2, "2026-05-04 11:30"),
    # one hour on Wednesday 29, 7 h on Monday 4/5
    ("2026-04-29 16:00", 1, "2026-05-04 16:00"),
    # on 1/5: the whole week from Monday 4 to Friday 8
    ("2026-05-01 08:00", 5, "2026-05-08 17:00"),
    # --- 2027: Friday 30/4 off, Monday 3/5 off for 1/5 on a Saturday
    # at opening, the day before: done at its close
    ("2027-04-29 07:30", 1, "2027-04-29 17:00"),
    # a minute later: that minute is left for Tuesday 4/5
    ("2027-04-29 07:31", 1, "2027-05-04 07:31"),
    # --- 2/9 of 2025: Monday 1/9 and Tuesday 2/9 off
    # 6 h on Friday 29/8, 2 h on Wednesday 3/9
    ("2025-08-29 09:30", 1, "2025-09-03 09:30"),
    # on 2/9 itself: Wednesday 3 and Thursday 4
    ("2025-09-02 12:00", 2, "2025-09-04 17:00"),
    # --- 2/9 of 2026: Monday 31/8 to Wednesday 2/9 off, Saturday 22/8 worked
    # one hour on Friday 21, Saturday 22, 7 h on Monday 24
    ("2026-08-21 16:00", 2, "2026-08-24 16:00"),
    # at lunch on the swapped Saturday: its afternoon and Monday's morning
    ("2026-08-22 12:00", 1, "2026-08-24 11:30"),
    # Friday afternoon 4 h, Thursday 3/9 the morning's 4
    ("2026-08-28 13:00", 1, "2026-09-03 11:30"),
    # after Thursday's close: Friday 28/8, Thursday 3/9, Friday 4/9
    ("2026-08-27 17:00", 3, "2026-09-04 17:00"),
    # the Saturday after the swapped one is not worked: Thursday 3/9
    ("2026-08-29 08:00", 1, "2026-09-03 17:00"),
    # --- 24/11: worked in 2025, a day off from 2026
    # Monday 24/11/2025 has 6 h left, Tuesday gives 2
    ("2025-11-24 09:00", 1, "2025-11-25 09:00"),
    # after Monday's close, Tuesday off: Wednesday 25
    ("2026-11-23 17:00", 1, "2026-11-25 17:00"),
    # 1 h 45 on Friday 20, Monday 23, Wednesday 25, 6 h 15 on Thursday 26
    ("2026-11-20 15:15", 3, "2026-11-26 15:15"),
    # on the day itself: Wednesday 25
    ("2026-11-24 08:00", 1, "2026-11-25 17:00"),
    # Tuesday 23, Wednesday off, Thursday 25
    ("2027-11-23 07:30", 2, "2027-11-25 17:00"),
    # --- year ends
    # one hour on Tuesday 31/12, Wednesday off, 7 h on Thursday 2/1
    ("2024-12-31 16:00", 1, "2025-01-02 16:00"),
    # Thursday 1/1 and Friday 2/1 off: Monday 5
    ("2025-12-31 17:00", 1, "2026-01-05 17:00"),
    # 5.5 h on Friday 9/1, 2.5 h on Saturday 10/1, which is worked for 2/1
    ("2026-01-09 10:00", 1, "2026-01-10 10:00"),
    # before that Saturday's opening: done at its close
    ("2026-01-10 06:59", 1, "2026-01-10 17:00"),
    # on the day off that it makes up for: Monday 5
    ("2026-01-02 10:00", 1, "2026-01-05 17:00"),
    # Thursday 31/12, Friday off, Monday 4/1
    ("2026-12-31 07:30", 2, "2027-01-04 17:00"),
    # --- hours of an ordinary week, from Monday 13/7/2026
    # before opening: done at the close of the same day
    ("2026-07-13 05:00", 1, "2026-07-13 17:00"),
    # when lunch begins, and just before it ends: this afternoon and tomorrow's morning
    ("2026-07-13 11:30", 1, "2026-07-14 11:30"),
    ("2026-07-13 12:59", 1, "2026-07-14 11:30"),
    # a minute after close: the whole of Tuesday
    ("2026-07-13 17:01", 1, "2026-07-14 17:00"),
    # at midnight: that day's
    ("2026-07-14 00:00", 1, "2026-07-14 17:00"),
    # one minute on Friday 17, nine days, 7 h 59 on Friday 31
    ("2026-07-17 16:59", 10, "2026-07-31 16:59"),
    # on a Sunday night: Monday 20
    ("2026-07-19 23:59", 1, "2026-07-20 17:00"),
    # --- an ordinary week, from Monday 14/9/2026
    ("2026-09-14 09:00", 1, "2026-09-15 09:00"),
    ("2026-09-14 09:00", 5, "2026-09-21 09:00"),
    ("2026-09-18 16:59", 1, "2026-09-21 16:59"),
    # --- before opening, at opening: eight hours end at the close of the same day
    ("2026-09-14 06:00", 1, "2026-09-14 17:00"),
    ("2026-09-14 07:30", 1, "2026-09-14 17:00"),
    ("2026-09-14 00:00", 2, "2026-09-15 17:00"),
    # --- at noon: four hours this afternoon, four tomorrow morning
    ("2026-09-14 11:30", 1, "2026-09-15 11:30"),
    ("2026-09-14 12:15", 1, "2026-09-15 11:30"),
    ("2026-09-14 13:00", 1, "2026-09-15 11:30"),
    ("2026-09-14 13:01", 1, "2026-09-15 13:01"),
    ("2026-09-14 11:29", 1, "2026-09-15 11:29"),
    # --- at and after close, at the weekend
    ("2026-09-14 17:00", 1, "2026-09-15 17:00"),
    ("2026-09-14 23:59", 1, "2026-09-15 17:00"),
    ("2026-09-18 17:00", 1, "2026-09-21 17:00"),
    ("2026-09-19 10:00", 3, "2026-09-23 17:00"),
    # --- Tết 2026: off from Monday 16/2 to Friday 20/2
    ("2026-02-13 10:00", 1, "2026-02-23 10:00"),
    ("2026-02-12 15:00", 3, "2026-02-24 15:00"),
    ("2026-02-17 09:00", 1, "2026-02-23 17:00"),
    # --- year end 2025: Friday 2/1/2026 off, Saturday 10/1/2026 worked instead
    ("2025-12-31 14:00", 1, "2026-01-05 14:00"),
    ("2025-12-31 14:00", 5, "2026-01-09 14:00"),
    ("2025-12-31 14:00", 6, "2026-01-10 14:00"),
    ("2025-12-31 14:00", 7, "2026-01-12 14:00"),
    ("2026-01-09 17:30", 1, "2026-01-10 17:00"),
    # --- Giỗ Tổ 2026 falls on Sunday 26/4, so Monday is off; 30/4 and 1/5 are Thursday and Friday
    ("2026-04-24 16:00", 2, "2026-04-29 16:00"),
    ("2026-04-24 16:00", 3, "2026-05-04 16:00"),
    ("2026-04-29 10:00", 1, "2026-05-04 10:00"),
    # --- 2025: Friday 2/5 off, Saturday 26/4 worked instead
    ("2025-04-25 09:00", 1, "2025-04-26 09:00"),
    ("2025-04-25 09:00", 2, "2025-04-28 09:00"),
    ("2025-04-29 15:30", 1, "2025-05-05 15:30"),
    # --- 2/9/2026: off from Monday 31/8 to Wednesday 2/9, Saturday 22/8 worked instead
    ("2026-08-21 14:00", 1, "2026-08-22 14:00"),
    ("2026-08-22 08:00", 1, "2026-08-24 08:00"),
    ("2026-08-28 14:00", 1, "2026-09-03 14:00"),
    # --- 24/11, a day off from 2026
    ("2026-11-23 09:00", 1, "2026-11-25 09:00"),
    ("2026-11-23 09:00", 5, "2026-12-01 09:00"),
    # --- year end 2026: Friday 1/1/2027 off
    ("2026-12-31 16:00", 1, "2027-01-04 16:00"),
    # --- nothing to do: at once, or with the next opening
    ("2026-09-14 09:00", 0, "2026-09-14 09:00"),
    ("2026-09-14 07:30", 0, "2026-09-14 07:30"),
    ("2026-09-14 11:30", 0, "2026-09-14 13:00"),
    ("2026-09-18 17:00", 0, "2026-09-21 07:30"),
    ("2026-09-19 10:00", 0, "2026-09-21 07:30"),
]


@pytest.mark.parametrize(("received_at", "working_days", "due_at"), DUE)
def test_a_due_date_is_what_a_hand_counts(received_at: str, working_days: int, due_at: str) -> None:
    assert CALENDAR.due_at(at(received_at), working_days) == at(due_at)


@pytest.mark.parametrize(("received_at", "working_days", "due_at"), DUE)
def test_no_hours_are_left_at_the_due_date_and_a_late_hour_counts_against_it(
    received_at: str, working_days: int, due_at: str
) -> None:
    left = CALENDAR.working_time_between(at(received_at), at(due_at))
    assert left.total_seconds() == working_days * 8 * 3600
    assert CALENDAR.working_time_between(at(due_at), at(received_at)) == -left


@pytest.mark.parametrize(
    ("received_at", "working_days", "due_at"),
    [
        # 7 h on Monday 13/7/2026 and one more on Tuesday
        ("2026-07-13 08:00", 1, "2026-07-14 09:00"),
        # 16 h: 7 on Friday 17, 7 on Saturday 18, 2 on Monday 20
        ("2026-07-17 08:00", 2, "2026-07-20 10:00"),
        # after Saturday's close: 7 h on Monday, 1 on Tuesday
        ("2026-07-18 16:00", 1, "2026-07-21 09:00"),
    ],
)
def test_where_a_day_has_seven_hours_the_hours_count(
    received_at: str, working_days: int, due_at: str
) -> None:
    calendar = vietnamese_calendar(
        [2026], periods=[(time(8), time(12)), (time(13), time(16))], weekdays=range(6)
    )
    assert calendar.due_at(at(received_at), working_days) == at(due_at)


def test_a_worked_saturday_of_the_week_still_rests_on_days_off() -> None:
    calendar: WorkCalendar = vietnamese_calendar([2026], weekdays=range(6))
    # Friday 24/4 is worked, Saturday 25/4 too, Sunday 26/4 and Monday 27/4 are not.
    assert calendar.due_at(at("2026-04-24 07:30"), 3) == at("2026-04-28 17:00")
