"""How many lookups there were, by whom, for what and with which result."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

LONGEST_SPAN: Final = timedelta(days=3_660)
DEFAULT_SPAN: Final = timedelta(days=30)


class LookupGrouping(StrEnum):
    """By what lookups are counted."""

    OFFICER = "officer"
    AGENCY = "agency"
    PROCEDURE = "procedure"
    KIND = "kind"
    RESULT = "result"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Span:
    """A time from `since` up to before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class LookupReportRow:
    """Lookups of one group, and how many of them have no case: neither named nor tied later."""

    group: str
    lookups: int
    without_case: int


@dataclass(frozen=True, slots=True)
class LookupReport:
    """Lookups that ended in a span, by group."""

    span: Span
    rows: tuple[LookupReportRow, ...]


def span_of(
    since: datetime | None, until: datetime | None, *, now: datetime, default: timedelta, longest: timedelta
) -> Span | None:
    """Complete a span that was asked for in part; None if it is turned round or too long.

    Without a begin it is the `default` before its end, or before now where the end is still to come. Without
    an end it goes on until now; what begins later is empty so far.
    """
    end = max(now, since or now) if until is None else until
    begin = min(end, now) - default if since is None else since
    return Span(begin, end) if timedelta(0) <= end - begin <= longest else None
