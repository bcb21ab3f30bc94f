"""`motcua calendar`: shows the days off, and puts what a new notice says over them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import click

from app.clock import utc_now
from app.commands.calendar_file import CalendarFileError, checked_name, parsed_day, read_calendar_file
from app.commands.settings import IN_FORCE, end, operator_name, present_keys_or_exit, settings_or_exit
from app.db.calendar import overrides
from app.db.opening import opened_database
from app.domain.day_override import DayOverride, NamedDay, with_overrides
from app.domain.holidays_vn import YEARS, is_guessed, vietnamese_calendar
from app.domain.working_time import VIETNAM_TIME
from app.errors import DomainError
from app.keys.sealing import Sealer
from app.logs import configure_logs
from app.services.calendar_changes import CalendarChanges
from app.services.operator_audit import OperatorAuditLog
from app.settings.settings import Settings

Result = TypeVar("Result")


class _Day(click.ParamType[date]):
    """A day of the years that the calendar has, YYYY-MM-DD."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day."""
        try:
            return parsed_day(str(value))
        except CalendarFileError as exc:
            self.fail(str(exc), param, ctx)


@click.group()
def calendar() -> None:
    """Show and change which days are worked; due dates are counted by it."""


@calendar.command("show")
@click.option("--year", type=click.IntRange(YEARS[0], YEARS[-1]), help="[default: this year]")
def show(year: int | None) -> None:
    """List a year's days off and worked days of rest, and where each comes from.

    `guess` marks what the service comes with for a year whose notice it does not know.
    """
    settings = settings_or_exit()
    shown = datetime.now(VIETNAM_TIME).year if year is None else year
    changed = {override.named.day: override for override in _overrides(settings)}
    for line in _lines(settings, shown, changed):
        click.echo(line)


@calendar.command("add")
@click.argument("day", type=_Day())
@click.option("--off/--working", "is_off", required=True, help="Whether the day is off or worked.")
@click.option("--name", required=True, help="What people see, in Vietnamese.")
def add(*, day: date, is_off: bool, name: str) -> None:
    """Say of a day that it is off or worked, whatever the service comes with or was told before."""
    try:
        named = NamedDay(day, is_working=not is_off, name=checked_name(name))
    except CalendarFileError as exc:
        end(str(exc))
    _change(settings_or_exit(), lambda changes: changes.put([named]))
    click.echo(f"{day} is {'off' if is_off else 'worked'}; {IN_FORCE}")


@calendar.command("remove")
@click.argument("day", type=_Day())
def remove(day: date) -> None:
    """Take back what was said of a day; what the service comes with holds again."""
    if not _change(settings_or_exit(), lambda changes: changes.remove(day)):
        end(f"nothing was said of {day}")
    click.echo(f"{day} is as the service comes; {IN_FORCE}")


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Say of all days of a CSV file, with the columns day, kind (off or working) and name; all or none."""
    settings = settings_or_exit()
    try:
        days = read_calendar_file(file)
    except CalendarFileError as exc:
        end(f"{file}: {exc}; nothing was changed")
    _change(settings, lambda changes: changes.put(days))
    click.echo(f"{len(days)} days are as in {file}; {IN_FORCE}")


def _change(settings: Settings, change: Callable[[CalendarChanges], Awaitable[Result]]) -> Result:
    configure_logs(settings.log_level)
    sealer = Sealer(present_keys_or_exit(settings))
    try:
        return asyncio.run(_changed(settings, sealer, change))
    except DomainError as exc:
        end(f"nothing was changed: {exc}; has the database been migrated?")


async def _changed(
    settings: Settings, sealer: Sealer, change: Callable[[CalendarChanges], Awaitable[Result]]
) -> Result:
    async with opened_database(settings) as database:
        audit = OperatorAuditLog(database, sealer, utc_now, made_by=operator_name())
        return await change(CalendarChanges(database=database, audit=audit, clock=utc_now))


def _overrides(settings: Settings) -> tuple[DayOverride, ...]:
    try:
        return asyncio.run(_read_overrides(settings))
    except DomainError as exc:
        end(f"the calendar cannot be read: {exc}; has the database been migrated?")


async def _read_overrides(settings: Settings) -> tuple[DayOverride, ...]:
    async with opened_database(settings) as database, database.read() as session:
        return await overrides(session)


def _lines(settings: Settings, year: int, changed: dict[date, DayOverride]) -> Iterator[str]:
    seed = vietnamese_calendar([year], periods=settings.working_periods, weekdays=settings.working_weekdays)
    whole = with_overrides(seed, (override.named for override in changed.values()))
    origin = "guess" if is_guessed(year) else "built-in"
    yield f"{year}: {settings.working_days} {settings.working_hours}"
    if is_guessed(year):
        yield f"The notice for {year} is not known: what is marked guess may be wrong."
    for day in sorted(day for day in {*whole.days_off, *whole.extra_working_days} if day.year == year):
        override = changed.get(day)
        source = origin if override is None else f"{override.made_by} {override.made_at:%Y-%m-%d}"
        is_working = whole.is_working_day(day)
        name = override.named.name if override else whole.days_off.get(day, "")
        yield f"{day} {day:%a} {'working' if is_working else 'off':7} {source:12} {name}".rstrip()
