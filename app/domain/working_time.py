"""Working time: when a count of working hours ends, and how many lie between two moments.

Moments go in with any offset and come out in Vietnam time. Which days are worked is the caller's knowledge.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise
from types import MappingProxyType
from typing import Final

# Vietnam has had no other offset since 1975 and no summer time, so no time zone database is needed.
VIETNAM_TIME: Final = timezone(timedelta(hours=7))

HOURS_PER_WORKING_DAY: Final = timedelta(hours=8)
DEFAULT_PERIODS: Final = ((time(7, 30), time(11, 30)), (time(13), time(17)))
MONDAY_TO_FRIDAY: Final = frozenset(range(5))

_NOTHING: Final = timedelta(0)
_WEEK: Final = 7


class NoWorkingTimeError(ValueError):
    """The calendar has no working time left in which a count could end."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The hours of a working day and the days that are worked.

    Args:
        periods: Opening and closing times within a day, in order and apart.
        weekdays: Days of the week that are worked, Monday being 0.
        days_off: Days that are not worked, with the name of each.
        extra_working_days: Days that are worked whatever else is said, such as a swapped Saturday.

    Raises:
        ValueError: no period, periods out of order, or a weekday outside 0..6.
    """

    periods: Sequence[tuple[time, time]]
    weekdays: Collection[int]
    days_off: Mapping[date, str]
    extra_working_days: Collection[date]
    # Ordinals of the days on which the week's own rule is broken, sorted for counting them by bisection.
    _lost_days: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _won_days: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _hours_of_day: timedelta = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the hours and prepare what counting needs."""
        times = [moment for period in self.periods for moment in period]
        if not times or any(later <= earlier for earlier, later in pairwise(times)):
            raise ValueError("working periods are in order and apart")
        weekdays, extra = frozenset(self.weekdays), frozenset(self.extra_working_days)
        if not weekdays <= frozenset(range(_WEEK)):
            raise ValueError("weekdays are 0..6")
        lengths = (_since_midnight(close) - _since_midnight(opening) for opening, close in self.periods)
        own = {
            # Copies, because what is counted from them below must not be overtaken by a later change.
            "periods": tuple(self.periods),
            "weekdays": weekdays,
            "days_off": MappingProxyType(dict(self.days_off)),
            "extra_working_days": extra,
            "_lost_days": _ordinals(d for d in self.days_off if d.weekday() in weekdays and d not in extra),
            "_won_days": _ordinals(d for d in extra if d.weekday() not in weekdays),
            "_hours_of_day": sum(lengths, _NOTHING),
        }
        for name, value in own.items():
            object.__setattr__(self, name, value)

    def is_working_day(self, day: date) -> bool:
        """Tell whether the day is worked."""
        return day in self.extra_working_days or (day.weekday() in self.weekdays and day not in self.days_off)

    def is_working_time(self, moment: datetime) -> bool:
        """Tell whether the moment lies within the hours of a day that is worked.

        Raises:
            ValueError: a naive moment.
        """
        local = _local(moment)
        return self.is_working_day(local.date()) and any(
            opening <= local.time() < close for opening, close in self.periods
        )

    def due_at(self, received_at: datetime, working_days: int) -> datetime:
        """Give the moment at which so many working days of eight working hours have passed.

        Raises:
            ValueError: a naive moment or a negative count.
            NoWorkingTimeError: the calendar has not that much working time left.
        """
        return self.add_working_hours(received_at, working_days * HOURS_PER_WORKING_DAY)

    def add_working_hours(self, start: datetime, hours: timedelta) -> datetime:
        """Give the moment at which so much working time has passed since `start`.

        A start outside working hours counts from the next opening. A count that ends with a working
        period ends at its close; a count of nothing gives the start itself or the next opening.

        Raises:
            ValueError: a naive moment or a negative count.
            NoWorkingTimeError: the calendar has not that much working time left.
        """
        if hours < _NOTHING:
            raise ValueError("working hours are counted forward")
        if hours == _NOTHING:
            return self._moment_after(self._worked_before(start), at_close=False)
        return self._moment_after(self._worked_before(start) + hours, at_close=True)

    def working_time_between(self, a: datetime, b: datetime) -> timedelta:
        """Give the working time from `a` to `b`, negative when `b` comes first.

        Raises:
            ValueError: a naive moment.
        """
        return self._worked_before(b) - self._worked_before(a)

    def days_off_between(self, a: datetime, b: datetime) -> list[tuple[date, str]]:
        """List the named days off from the day of `a` to the day of `b`, both included.

        Raises:
            ValueError: a naive moment.
        """
        first, last = _local(a).date(), _local(b).date()
        return sorted(
            (day, name)
            for day, name in self.days_off.items()
            if first <= day <= last and day not in self.extra_working_days
        )

    def _worked_before(self, moment: datetime) -> timedelta:
        """Working time from the calendar's first day to the moment.

        Counting from one fixed point makes every question a difference or a search, exact and without
        walking over days, so no calendar can make it run for ever.
        """
        local = _local(moment)
        worked = self._working_days_before(local.toordinal()) * self._hours_of_day
        if self.is_working_day(local.date()):
            worked += sum(self._worked_parts(_since_midnight(local.time())), _NOTHING)
        return worked

    def _worked_parts(self, now: timedelta) -> Iterator[timedelta]:
        for opening, close in self.periods:
            start = _since_midnight(opening)
            yield max(_NOTHING, min(now, _since_midnight(close)) - start)

    def _working_days_before(self, ordinal: int) -> int:
        # Day 1 of the calendar is a Monday.
        weeks, rest = divmod(ordinal - 1, _WEEK)
        plain = weeks * len(self.weekdays) + sum(weekday < rest for weekday in self.weekdays)
        return plain - bisect_left(self._lost_days, ordinal) + bisect_left(self._won_days, ordinal)

    def _moment_after(self, worked: timedelta, *, at_close: bool) -> datetime:
        """Find when `worked` is reached: the earliest such moment, or the last, from which work goes on."""
        ordinals = range(date.min.toordinal(), date.max.toordinal() + 1)
        search = bisect_left if at_close else bisect_right
        position = search(
            ordinals, worked, key=lambda ordinal: self._working_days_before(ordinal + 1) * self._hours_of_day
        )
        if position == len(ordinals):
            raise NoWorkingTimeError("the calendar has no working time left")
        day = date.fromordinal(ordinals[position])
        rest = worked - self._working_days_before(ordinals[position]) * self._hours_of_day
        midnight = datetime.combine(day, time.min, tzinfo=VIETNAM_TIME)
        return midnight + self._time_of_day(rest, at_close=at_close)

    def _time_of_day(self, rest: timedelta, *, at_close: bool) -> timedelta:
        for opening, close in self.periods[:-1]:
            length = _since_midnight(close) - _since_midnight(opening)
            if rest < length or (at_close and rest == length):
                return _since_midnight(opening) + rest
            rest -= length
        return _since_midnight(self.periods[-1][0]) + rest


def vietnam_day(at: datetime) -> date:
    """Tell the day of a moment in Vietnam."""
    return at.astimezone(VIETNAM_TIME).date()


def _ordinals(days: Iterable[date]) -> tuple[int, ...]:
    return tuple(sorted(day.toordinal() for day in days))


def _since_midnight(moment: time) -> timedelta:
    return timedelta(
        hours=moment.hour,
        minutes=moment.minute,
        seconds=moment.second,
        microseconds=moment.microsecond,
    )


def _local(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its offset")
    try:
        return moment.astimezone(VIETNAM_TIME)
    except OverflowError as exc:
        raise NoWorkingTimeError("the moment lies outside the calendar") from exc
