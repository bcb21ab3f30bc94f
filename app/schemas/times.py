"""Times, days and the parts of list requests as callers send them."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from app.domain.working_time import VIETNAM_TIME
from app.schemas.checked import Checked, refuse
from app.schemas.terms import term

MAX_LIMIT: Final = 200
DEFAULT_LIMIT: Final = 50

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"(?P<seconds>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]{1,12}))?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# Databases and the standard library's zone arithmetic have ends; no case of ours is near them.
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200


def _day(raw: str) -> date:
    try:
        day = date.fromisoformat(raw) if _DAY.fullmatch(raw) else None
    except ValueError:
        day = None
    if day is None:
        refuse("invalid-date")
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        refuse("out-of-range")
    return day


def _time(raw: str) -> datetime:
    form = _TIME.fullmatch(raw)
    if form is None:
        refuse("invalid-time")
    fraction = ((form["fraction"] or "") + "000000")[:6]
    try:
        # The standard library also takes offsets with seconds, and offsets over a day only by an exception.
        moment = datetime.fromisoformat(f"{form['seconds'].upper()}.{fraction}{form['offset'].upper()}")
    except ValueError:
        refuse("invalid-time")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        refuse("out-of-range")
    return moment.astimezone(UTC)


def _time_or_day(raw: str) -> datetime:
    # A T behind the day means a time. It is told what a time needs: an offset, and in a URL %2B for its plus.
    if raw[10:11] in {"T", "t"}:
        return _time(raw)
    return datetime.combine(_day(raw), time(), tzinfo=VIETNAM_TIME).astimezone(UTC)


def _limit(raw: Any) -> int:  # noqa: ANN401 - a parameter is text, a default is a number
    if isinstance(raw, int):
        return raw
    if not (isinstance(raw, str) and raw.isascii() and raw.isdigit()):
        refuse("wrong-type")
    # Only the first digits of a long number are needed to know that it is too large.
    return int(raw[:9])


def _flag(raw: Any) -> bool:  # noqa: ANN401 - a parameter is text, a default is a boolean
    if isinstance(raw, bool):
        return raw
    if raw not in {"true", "false"}:
        refuse("wrong-type")
    return bool(raw == "true")


Day = Annotated[date, Checked(_day, {"format": "date"})]
"""Of bodies and parameters: a day, YYYY-MM-DD."""

Time = Annotated[datetime, Checked(_time, {"format": "date-time"})]
"""Of bodies and parameters: RFC 3339 with an offset; the value is in UTC."""

TimeOrDay = Annotated[
    datetime,
    Checked(_time_or_day, {"anyOf": [{"format": "date-time"}, {"format": "date"}]}),
]
"""Of parameters and filters: a time, or the beginning of a day in Vietnam; the value is in UTC."""

BodyLimit = Annotated[
    int,
    term(
        "Largest number of items in the answer.",
        "số dòng tối đa",
        ge=1,
        le=MAX_LIMIT,
        examples=[DEFAULT_LIMIT],
    ),
]
"""Of bodies: a JSON number."""

Limit = Annotated[BodyLimit, BeforeValidator(_limit)]
"""Of parameters: ASCII digits; give it the default DEFAULT_LIMIT."""

Cursor = Annotated[
    str,
    term(
        "Where the next page begins, as the page before gave it.",
        "con trỏ trang",
        pattern=r"^[A-Za-z0-9._~=-]{1,300}$",
    ),
]

Flag = Annotated[bool, BeforeValidator(_flag)]
"""Of parameters: `true` or `false` and no other word."""
