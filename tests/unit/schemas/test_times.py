from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.schemas.times import Cursor, Day, Flag, Limit, Time, TimeOrDay

DAY = TypeAdapter[date](Day)
TIME = TypeAdapter[datetime](Time)
TIME_OR_DAY = TypeAdapter[datetime](TimeOrDay)
LIMIT = TypeAdapter[int](Limit)
FLAG = TypeAdapter[bool](Flag)
CURSOR = TypeAdapter[str](Cursor)


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("2026-11-23T08:00:00+07:00", _utc(2026, 11, 23, 1)),
        ("2026-11-23t01:00:00z", _utc(2026, 11, 23, 1)),
        ("2026-11-23T01:00:00.5Z", _utc(2026, 11, 23, 1, 0, 0, 500_000)),
        ("2026-11-23T01:00:00.123456789Z", _utc(2026, 11, 23, 1, 0, 0, 123_456)),
        ("2026-11-23T00:00:00-10:30", _utc(2026, 11, 23, 10, 30)),
    ],
)
def test_a_time_with_an_offset_is_a_moment(sent: str, meant: datetime) -> None:
    for adapter in (TIME, TIME_OR_DAY):
        moment = adapter.validate_python(sent)
        assert moment == meant
        assert moment.tzinfo is UTC


def test_a_day_begins_at_midnight_in_vietnam() -> None:
    assert TIME_OR_DAY.validate_python("2026-11-23") == _utc(2026, 11, 22, 17)
    assert DAY.validate_python("2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("adapter", "sent", "fault"),
    [
        (TIME, "2026-11-23", "invalid-time"),
        (TIME, "2026-11-23T08:00:00", "invalid-time"),
        (TIME, "2026-11-23 08:00:00+07:00", "invalid-time"),
        (TIME, "2026-11-23T08:00:00 07:00", "invalid-time"),
        (TIME, "2026-11-23T08:00+07:00", "invalid-time"),
        (TIME, "2026-11-23T08:00:60Z", "invalid-time"),
        (TIME, "2026-11-23T24:00:00Z", "invalid-time"),
        (TIME, "2026-02-30T08:00:00Z", "invalid-time"),
        (TIME, "2026-11-23T08:00:00+24:00", "invalid-time"),
        (TIME, "２０２６-11-23T08:00:00Z", "invalid-time"),
        (TIME, "0001-01-01T00:00:00+14:00", "out-of-range"),
        (TIME, "9999-12-31T23:59:59-12:00", "out-of-range"),
        (TIME_OR_DAY, "2026-11", "invalid-date"),
        (TIME_OR_DAY, "2026-11-23T08:00:00", "invalid-time"),
        (TIME_OR_DAY, "2026-11-23T08:00:00 07:00", "invalid-time"),
        (TIME_OR_DAY, "", "invalid-date"),
        (TIME_OR_DAY, "0001-01-01", "out-of-range"),
        (DAY, "2027-02-29", "invalid-date"),
        (DAY, "20261123", "invalid-date"),
        (DAY, "2026-W48-1", "invalid-date"),
        (DAY, "9999-12-31", "out-of-range"),
        (LIMIT, "0", "greater_than_equal"),
        (LIMIT, "201", "less_than_equal"),
        (LIMIT, "9" * 10_000, "less_than_equal"),
        (LIMIT, "-1", "wrong-type"),
        (LIMIT, "+1", "wrong-type"),
        (LIMIT, "1_0", "wrong-type"),
        (LIMIT, " 1", "wrong-type"),
        (LIMIT, "５", "wrong-type"),
        (LIMIT, "", "wrong-type"),
        (LIMIT, 1.0, "wrong-type"),
        (FLAG, "True", "wrong-type"),
        (FLAG, "1", "wrong-type"),
        (FLAG, "", "wrong-type"),
        (CURSOR, "", "string_pattern_mismatch"),
        (CURSOR, "a b", "string_pattern_mismatch"),
        (CURSOR, "a" * 301, "string_pattern_mismatch"),
    ],
)
def test_other_forms_are_refused_by_name(adapter: TypeAdapter[Any], sent: Any, fault: str) -> None:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(sent)
    assert [error["type"] for error in caught.value.errors()] == [fault]


@pytest.mark.parametrize(
    ("adapter", "sent", "meant"),
    [
        (LIMIT, "1", 1),
        (LIMIT, "200", 200),
        (LIMIT, 50, 50),
        (FLAG, "true", True),
        (FLAG, "false", False),
        (FLAG, True, True),
    ],
)
def test_parameters_are_read_from_text(adapter: TypeAdapter[Any], sent: Any, meant: Any) -> None:
    assert adapter.validate_python(sent) == meant


@given(st.datetimes(datetime(1901, 1, 1), datetime(2199, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - the offset is in the text
def test_every_time_of_the_range_is_read_exactly(local: datetime, offset_minutes: int) -> None:
    sign = "-" if offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    sent = f"{local.isoformat(timespec='microseconds')}{sign}{hours:02d}:{minutes:02d}"
    assert TIME.validate_python(sent) == datetime.fromisoformat(sent)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(sent: str) -> None:
    try:
        moment = TIME_OR_DAY.validate_python(sent)
    except ValidationError:
        return
    assert moment.tzinfo is UTC
