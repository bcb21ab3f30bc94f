"""`motcua portal-export`: writes changes of cases as messages of the national public service portal."""

import asyncio
import json
import sys
from typing import Final, TextIO

import click

from app.cli_settings import REFUSED, operator_name, settings_or_exit
from app.composition import utc_now
from app.db.engine import Database
from app.db.opening import opened_database
from app.domain.holidays_vn import YEARS, vietnamese_calendar
from app.errors import DomainError
from app.keys import KeyFileError, Keys, Sealer
from app.logs import configure_logs
from app.services.audit_log import AuditLog
from app.services.case_rows import CaseRows
from app.services.change_rows import ChangeRows
from app.services.portal_export import PortalExport
from app.settings import Settings

_STDOUT: Final = "-"


@click.command("portal-export")
@click.option(
    "--after", type=click.IntRange(min=0), default=0, show_default=True, help="Sequence of the feed."
)
@click.option(
    "--output",
    type=click.File("w", encoding="utf-8"),
    default=_STDOUT,
    help="File to write, a JSON message on each line. [default: standard output]",
)
def portal_export(after: int, output: TextIO) -> None:
    """Write DongBoHoSoMC and CapNhatTienDoHoSoMC for each change of a case after a sequence.

    The messages hold personal data. The last sequence is told at the end, for the next time; that they were
    written is on record in the audit log.
    """
    settings = settings_or_exit()
    configure_logs(settings.log_level)
    try:
        keys = Keys.read(settings.key_file)
    except KeyFileError as exc:
        click.echo(f"motcua: {settings.key_file}: {exc}", err=True)
        sys.exit(REFUSED)
    try:
        last = asyncio.run(_export(settings, keys, after, output))
    except DomainError as exc:
        click.echo(f"motcua: {exc.code}", err=True)
        sys.exit(1)
    click.echo(f"exported up to {last}", err=True)


async def _export(settings: Settings, keys: Keys, after: int, output: TextIO) -> int:
    async with opened_database(settings) as database:
        return await _exported(settings, Sealer(keys), database, after, output)


async def _exported(
    settings: Settings, sealer: Sealer, database: Database, after: int, output: TextIO
) -> int:
    audit = AuditLog(
        database,
        sealer,
        utc_now,
        queue_limit=settings.audit_queue_limit,
        timeout_seconds=settings.audit_timeout_seconds,
    )
    # For hours left, which no message tells: the deployment's overrides are not needed.
    calendar = vietnamese_calendar(
        YEARS, periods=settings.working_periods, weekdays=settings.working_weekdays
    )
    export = PortalExport(
        database=database,
        audit=audit,
        rows=CaseRows(sealer, lambda: calendar),
        changes=ChangeRows(sealer),
        clock=utc_now,
        made_by=operator_name(),
    )
    audit.start()
    try:
        async for exported in export.messages(after=after):
            output.writelines(json.dumps(message, ensure_ascii=False) + "\n" for message in exported.messages)
            after = exported.sequence
    finally:
        await audit.stop()
    return after
