"""`motcua portal-export`: writes changes of cases as messages of the national public service portal."""

import asyncio
import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

import click

from app.clock import utc_now
from app.commands.settings import UNREADY, end, operator_name, present_keys_or_exit, settings_or_exit
from app.db.engine import Database
from app.db.opening import opened_database
from app.domain.holidays_vn import YEARS, vietnamese_calendar
from app.errors import DomainError
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.logs import configure_logs
from app.services.case_rows import CaseRows
from app.services.change_rows import ChangeRows
from app.services.operator_audit import OperatorAuditLog
from app.services.portal_export import NotYetReachedError, PortalExport
from app.settings.settings import Settings

_STDOUT: Final = "-"
_OWNER_ONLY: Final = 0o600


@click.command("portal-export")
@click.option(
    "--after", type=click.IntRange(min=0), default=0, show_default=True, help="Sequence of the feed."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    default=_STDOUT,
    help="File to write anew, a JSON message on each line. [default: standard output]",
)
def portal_export(after: int, output: str) -> None:
    """Write DongBoHoSoMC and CapNhatTienDoHoSoMC for each change of a case after a sequence.

    The messages hold personal data: the file is its owner's alone. The last sequence is told at the end, for
    the next time; that they were written is on record in the audit log.
    """
    settings = settings_or_exit()
    configure_logs(settings.log_level)
    keys = present_keys_or_exit(settings)
    try:
        with _opened(output) as stream:
            last = asyncio.run(_export(settings, keys, after, stream))
    except OSError as exc:
        end(f"{output}: {exc.strerror}")
    except NotYetReachedError as exc:
        end(str(exc))
    except DomainError as exc:
        end(exc.code, status=UNREADY)
    click.echo(f"exported up to {last}", err=True)


@contextmanager
def _opened(output: str) -> Iterator[TextIO]:
    """Open what is written to: at once, so that messages of an earlier run never stay when there are none."""
    if output == _STDOUT:
        yield sys.stdout
        return
    with open(output, "w", encoding="utf-8", opener=_for_owner) as stream:
        yield stream


def _for_owner(path: str, flags: int) -> int:
    descriptor = os.open(path, flags, _OWNER_ONLY)
    # One that is there keeps its mode otherwise; a pipe or a device is no file of ours.
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, _OWNER_ONLY)
    return descriptor


async def _export(settings: Settings, keys: Keys, after: int, output: TextIO) -> int:
    async with opened_database(settings) as database:
        return await _exported(settings, Sealer(keys), database, after, output)


async def _exported(
    settings: Settings, sealer: Sealer, database: Database, after: int, output: TextIO
) -> int:
    audit = OperatorAuditLog(database, sealer, utc_now, made_by=operator_name())
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
    )
    async for exported in export.messages(after=after):
        output.writelines(json.dumps(message, ensure_ascii=False) + "\n" for message in exported.messages)
        after = exported.sequence
    return after
