"""`motcua keys`: makes the key file, changes the keys that sign, destroys old data keys."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import click

from app.alerts import Alerts
from app.clock import utc_now
from app.commands.data_key import rotate
from app.commands.settings import UNREADY, end, operator_name, present_keys_or_exit, settings_or_exit
from app.composition.checkpoints import make_checkpoints
from app.db.destroyed_keys import KeysStillThereError, wipe_destroyed_keys
from app.db.opening import opened_database
from app.domain.checkpoint import verifier_key
from app.errors import DomainError
from app.keys.key_file import KeyFileError, Keys, LogKeyMissingError, replace_log_keys, replace_token_keys
from app.keys.log_keys import LogKeys
from app.keys.sealing import Sealer
from app.keys.token_keys import TokenKeys
from app.logs import configure_logs
from app.services.audit_data_keys import MONTH
from app.services.checkpoints import CheckpointRefusedError
from app.services.data_key_destruction import DestructionRefusedError, destroy_data_keys
from app.services.log_key_rotation import rotated_log_keys
from app.services.metrics import Metrics
from app.services.operator_audit import OperatorAuditLog
from app.services.token_key_rotation import rotated_token_keys
from app.settings.settings import Settings

# The log is told first, so that no key is ever used that it does not know of.
_UNCHANGED: Final = "the key file was not changed, though the log may tell of a new key already"


@click.group()
def keys() -> None:
    """Make the service's keys."""


keys.add_command(rotate)


@keys.command("init")
def keys_init() -> None:
    """Write a new key file; refuses to replace one, for what it sealed could never be read again."""
    settings = settings_or_exit()
    try:
        Keys.generate().write(settings.key_file)
    except FileExistsError:
        end(f"{settings.key_file} exists already")
    except KeyFileError as exc:
        end(f"{settings.key_file}: {exc}")
    click.echo(f"wrote {settings.key_file}")


@keys.command("rotate-log-key")
def rotate_log_key() -> None:
    """Let a new key sign the audit log's checkpoints; the old one goes on to verify what it signed.

    The change is put on record, and the old key signs that record, before the key file is changed. Restart
    the service then. A key file from before checkpoints were signed gets its first log key.
    """
    settings = settings_or_exit()
    configure_logs(settings.log_level)
    try:
        log_keys = asyncio.run(_rotated(settings))
        replace_log_keys(settings.key_file, log_keys)
    except KeyFileError as exc:
        end(f"{settings.key_file}: {exc}")
    except (DomainError, CheckpointRefusedError, OSError) as exc:
        end(f"{_UNCHANGED}: {exc}")
    click.echo(f"wrote {settings.key_file}; restart the service. Checkpoints are then signed by")
    click.echo(verifier_key(settings.origin, log_keys.public_keys[0]))


@keys.command("rotate-token-key")
@click.option("--end-sessions", is_flag=True, help="Accept no other key from now on: the old one was stolen.")
def rotate_token_key(*, end_sessions: bool) -> None:
    """Let a new key sign access tokens; running services take it within seconds, without a restart.

    It is published at once and signs after six minutes, so copy the key file to every host by then. Tokens
    of the old key are accepted until they have expired. The change is put on record.
    """
    settings = settings_or_exit()
    configure_logs(settings.log_level)
    try:
        service_keys = Keys.read(settings.key_file)
        rotated = asyncio.run(_token_keys_rotated(settings, service_keys, ends_sessions=end_sessions))
        replace_token_keys(settings.key_file, rotated, instead_of=service_keys.token_keys)
    except KeyFileError as exc:
        end(f"{settings.key_file}: {exc}")
    except (DomainError, OSError) as exc:
        end(f"{_UNCHANGED}: {exc}")
    newest = rotated.keys[-1]
    since = datetime.fromtimestamp(newest.signs_from, UTC).isoformat() if newest.signs_from else "now on"
    click.echo(f"wrote {settings.key_file}; key {newest.jwk['kid']} signs from {since}")


@keys.command("destroy-data-keys")
@click.option("--month", required=True, help="YYYY-MM of the records; a month that has ended.")
@click.option("--and-before", is_flag=True, help="The keys of all earlier months too.")
@click.option("--agency", help="Code of an agency. [default: all agencies]")
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(*, month: str, and_before: bool, agency: str | None, yes: bool) -> None:
    """Make the numbers in old audit records unreadable for ever, as the owner of the tables.

    The log says that the keys are destroyed; its proofs and its verification hold as before. Where the
    database's files still have what was destroyed, it ends with status 1: run it again then.
    """
    settings = settings_or_exit()
    if not MONTH.fullmatch(month):
        end("--month is YYYY-MM")
    if not yes:
        click.confirm("Destroy the keys for good?", abort=True)
    service_keys = present_keys_or_exit(settings)
    try:
        destroyed = asyncio.run(_destroyed(settings, service_keys, agency, month, and_before=and_before))
    except (DomainError, DestructionRefusedError) as exc:
        end(f"nothing was destroyed: {exc}")
    click.echo(f"destroyed {destroyed} keys")
    try:
        # Also if there was nothing to destroy: the run before may have come no further.
        wipe_destroyed_keys(settings.database_url, pooler=settings.database_pooler)
    except KeysStillThereError as exc:
        end(f"what was destroyed is still in the database's files: {exc}; run it again later", status=UNREADY)


async def _destroyed(
    settings: Settings, service_keys: Keys, agency: str | None, month: str, *, and_before: bool
) -> int:
    async with opened_database(settings) as database:
        return await destroy_data_keys(
            agency=agency,
            month=month,
            and_before=and_before,
            database=database,
            audit=OperatorAuditLog(database, Sealer(service_keys), utc_now, made_by=operator_name()),
            clock=utc_now,
        )


async def _token_keys_rotated(settings: Settings, service_keys: Keys, *, ends_sessions: bool) -> TokenKeys:
    async with opened_database(settings) as database:
        return await rotated_token_keys(
            service_keys.token_keys,
            ends_sessions=ends_sessions,
            database=database,
            audit=OperatorAuditLog(database, Sealer(service_keys), utc_now, made_by=operator_name()),
            clock=utc_now,
        )


async def _rotated(settings: Settings) -> LogKeys:
    try:
        service_keys = Keys.read(settings.key_file)
    except LogKeyMissingError:
        # Nothing was ever signed, so there is no old key and nothing to put on record.
        return LogKeys.generate()
    async with opened_database(settings) as database:
        return await rotated_log_keys(
            service_keys.log_keys,
            origin=settings.origin,
            database=database,
            audit=OperatorAuditLog(database, Sealer(service_keys), utc_now, made_by=operator_name()),
            checkpoints=make_checkpoints(
                settings, service_keys, database, Metrics(), alerts=Alerts(), clock=utc_now
            )[0],
            clock=utc_now,
        )
