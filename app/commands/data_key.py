"""`motcua keys rotate`: changes the key that seals personal values."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial

import click

from app.clock import utc_now
from app.commands.settings import end, operator_name, settings_or_exit
from app.db.engine import Database
from app.db.opening import opened_database
from app.errors import DomainError
from app.keys.data_keys import DataKeys
from app.keys.key_file import KeyFileError, Keys, replace_data_keys
from app.keys.sealing import SealBrokenError, Sealer
from app.logs import configure_logs
from app.services.data_key_rotation import PREPARED, RESEALED, SWITCHED, record_change, reseal_everything
from app.services.operator_audit import OperatorAuditLog
from app.settings.settings import Settings


@click.command("rotate")
@click.option("--step", type=click.Choice(["prepare", "switch", "finish"]), help="One step only; see above.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rotate(*, step: str | None, yes: bool) -> None:
    """Let a new key seal personal values, and seal anew what the old one has sealed, as the tables' owner.

    Without --step all at once, while the service is stopped everywhere. While it runs, in three steps, after
    each of which the key file is copied to every host and the services restarted, one after the other:
    prepare draws the new key; switch lets it seal and seals everything anew; finish seals anew what was still
    sealed with the old key meanwhile, and takes the old key out of the file.

    Keep the old key file for as long as you keep backups from before.
    """
    settings = settings_or_exit()
    configure_logs(settings.log_level)
    if step is None and not yes:
        click.confirm("Is the service stopped on every host?", abort=True)
    try:
        asyncio.run(_rotated_data_keys(settings, [step] if step else ["prepare", "switch", "finish"]))
    except KeyFileError as exc:
        end(f"{settings.key_file}: {exc}")
    except (DomainError, SealBrokenError, OSError) as exc:
        end(f"the key file was not changed by this step: {exc}")


async def _rotated_data_keys(settings: Settings, steps: Sequence[str]) -> None:
    async with opened_database(settings) as database:
        for step in steps:
            await _data_key_step(step, settings, database)


async def _data_key_step(step: str, settings: Settings, database: Database) -> None:
    service_keys = Keys.read(settings.key_file)
    old = service_keys.data_keys
    on_record = partial(
        record_change,
        database=database,
        audit=OperatorAuditLog(database, Sealer(service_keys), utc_now, made_by=operator_name()),
        clock=utc_now,
    )
    match step:
        case "prepare":
            new = old.prepared()
            await on_record(PREPARED, new)
        case "switch":
            new = old.switched()
            if new == old:
                end("no key is prepared: motcua keys rotate --step prepare")
            await on_record(SWITCHED, new)
        case _:
            if old.coming is not None:
                end("a key is prepared and does not seal yet: motcua keys rotate --step switch")
            new = old.finished()
    if step != "finish":
        replace_data_keys(settings.key_file, new, instead_of=old)
    if step != "prepare":
        with _telling_of_changed_file(settings, new) if step == "switch" else nullcontext():
            resealed = await _resealed(old if step == "finish" else new, database)
            await on_record(RESEALED, new, resealed=resealed)
    if step == "finish":
        replace_data_keys(settings.key_file, new, instead_of=old)
    click.echo(f"{step}: wrote {settings.key_file}; {new.names[0]} seals")


@contextmanager
def _telling_of_changed_file(settings: Settings, data_keys: DataKeys) -> Iterator[None]:
    """Say, where sealing anew fails, that the new key seals all the same."""
    try:
        yield
    except (DomainError, SealBrokenError, OSError) as exc:
        end(
            f"{exc}; it is not on record that everything is sealed anew",
            f"{settings.key_file} was changed: {data_keys.names[0]} seals. Copy it to every host anyway",
            "motcua keys rotate --step finish goes on",
        )


async def _resealed(data_keys: DataKeys, database: Database) -> int:
    def tell(column: str, count: int) -> None:
        click.echo(f"  {column}: {count}")

    total = 0
    # What was changed while a pass went by is met by the next.
    while changed := await reseal_everything(data_keys, database=database, tell=tell):
        total += changed
    return total
