"""`motcua keys`: makes the service's key file and changes the key that signs checkpoints."""

import asyncio
import sys

import click

from app.cli_settings import REFUSED, settings_or_exit
from app.composition import make_checkpoints, utc_now
from app.db.engine import Database
from app.domain.checkpoint import verifier_key
from app.errors import DomainError
from app.keys import KeyFileError, Keys, LogKeyMissingError, Sealer, replace_log_keys
from app.log_keys import LogKeys
from app.logs import configure_logs
from app.services.audit_log import AuditLog
from app.services.checkpoints import CheckpointRefusedError
from app.services.log_key_rotation import rotated_log_keys
from app.services.metrics import Metrics
from app.settings import Settings


@click.group()
def keys() -> None:
    """Make the service's keys."""


@keys.command("init")
def keys_init() -> None:
    """Write a new key file; refuses to replace one, for what it sealed could never be read again."""
    settings = settings_or_exit()
    try:
        Keys.generate().write(settings.key_file)
    except FileExistsError:
        _end(f"{settings.key_file} exists already")
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
        _end(f"{settings.key_file}: {exc}")
    except (DomainError, CheckpointRefusedError, OSError) as exc:
        _end(f"nothing was changed: {exc}")
    click.echo(f"wrote {settings.key_file}; restart the service. Checkpoints are then signed by")
    click.echo(verifier_key(settings.origin, log_keys.public_keys[0]))


async def _rotated(settings: Settings) -> LogKeys:
    try:
        service_keys = Keys.read(settings.key_file)
    except LogKeyMissingError:
        # Nothing was ever signed, so there is no old key and nothing to put on record.
        return LogKeys.generate()
    database = Database(settings.database_url)
    try:
        return await rotated_log_keys(
            service_keys.log_keys,
            origin=settings.origin,
            database=database,
            audit=AuditLog(database, Sealer(service_keys), utc_now, queue_limit=1, timeout_seconds=1),
            checkpoints=make_checkpoints(settings, service_keys, database, Metrics(), utc_now)[0],
            clock=utc_now,
        )
    finally:
        await database.close()


def _end(reason: str) -> None:
    click.echo(f"motcua: {reason}", err=True)
    sys.exit(REFUSED)
