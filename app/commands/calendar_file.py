"""Reads a notice's days from a CSV file: all of it, or the first fault with its line."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

from app.domain.day_override import MAX_NAME_LENGTH, NamedDay
from app.domain.holidays_vn import YEARS

_COLUMNS: Final = ["day", "kind", "name"]
_KINDS: Final = {"off": False, "working": True}
_MOST_ROWS: Final = 1_000
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class CalendarFileError(Exception):
    """The file, or a name, is not as it must be; the message says where and how."""


def read_calendar_file(path: Path) -> tuple[NamedDay, ...]:
    """Read the days in the order of the file.

    Raises:
        CalendarFileError: the file cannot be read, or a line is not a day, a kind and a name, or a day comes
            twice.
    """
    try:
        # Spreadsheets write a byte order mark.
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return tuple(_days(csv.reader(stream, strict=True)))
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise CalendarFileError("not a CSV file in UTF-8") from exc


def checked_name(raw: str) -> str:
    """Give a day's name as it is kept.

    Raises:
        CalendarFileError: it is empty or too long, or holds what does not print.
    """
    name = unicodedata.normalize("NFC", raw).strip()
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise CalendarFileError(f"a name has 1 to {MAX_NAME_LENGTH} characters, all of which print")
    return name


def _days(rows: Iterator[list[str]]) -> Iterator[NamedDay]:
    if next(rows, None) != _COLUMNS:
        raise CalendarFileError(f"line 1: the columns are {','.join(_COLUMNS)}")
    seen: set[date] = set()
    for line, row in enumerate(islice(rows, _MOST_ROWS + 1), start=2):
        if line > _MOST_ROWS + 1:
            raise CalendarFileError(f"more than {_MOST_ROWS} days")
        try:
            named = _day(row)
        except CalendarFileError as exc:
            raise CalendarFileError(f"line {line}: {exc}") from exc
        if named.day in seen:
            raise CalendarFileError(f"line {line}: the day comes twice")
        seen.add(named.day)
        yield named


def _day(row: list[str]) -> NamedDay:
    if len(row) != len(_COLUMNS):
        raise CalendarFileError(f"a line has {len(_COLUMNS)} columns")
    day, kind, name = row
    if kind not in _KINDS:
        raise CalendarFileError("the kind is off or working")
    return NamedDay(parsed_day(day), _KINDS[kind], checked_name(name))


def parsed_day(raw: str) -> date:
    """Read a day of the years that the calendar has.

    Raises:
        CalendarFileError: not YYYY-MM-DD, no such day, or another year.
    """
    try:
        day = date.fromisoformat(raw) if _DAY.fullmatch(raw) else None
    except ValueError:
        day = None
    if day is None:
        raise CalendarFileError("a day is written YYYY-MM-DD")
    if day.year not in YEARS:
        raise CalendarFileError(f"the calendar has the years {YEARS[0]} to {YEARS[-1]}")
    return day
