"""`motcua serve`: run the service, after its database has been brought to its schema."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from tempfile import TemporaryDirectory
from typing import Final

import click
import structlog

from app.adapters.population.factory import UnusableFileError, check_files
from app.commands.migrate import migrate_or_exit
from app.commands.settings import end, keys_or_exit, settings_or_exit
from app.db.opening import opened_database
from app.domain.checkpoint import CheckpointMalformedError
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.logs import configure_logs
from app.sandbox.leftovers import open_sandbox_accounts
from app.sandbox.load import load_sandbox
from app.services.checkpoints import name_of_log
from app.services.metrics import SHARED_FOLDER
from app.serving.workers import serve as run_server
from app.settings.settings import Settings

# A process before us may just be ending.
_ADDRESS_PATIENCE_SECONDS: Final = 2
_BANNER: Final = """
motcua-dancu {version} · {address} · sandbox, invented people only
  docs      {address}/docs
  console   {address}/console
  accounts  receiver, receiver2, receiver3, receiver15, manager, manager0, auditor, admin (password: sandbox)
            client portal (secret: sandbox)
  try       {curl}
"""


@click.command()
def serve() -> None:
    """Migrate the database and serve; settings are MOTCUA_* environment variables."""
    settings = settings_or_exit()
    configure_logs(settings.log_level)
    service_keys = keys_or_exit(settings)
    _refuse_unusable_files(settings)
    if migrate_or_exit(settings):
        structlog.get_logger(__name__).warning("schema-newer-than-this-release")
    asyncio.run(_refuse_another_name(settings))
    if settings.env == "production":
        asyncio.run(_refuse_sandbox_accounts(settings))
    if settings.env == "sandbox":
        asyncio.run(_load_sandbox(settings, service_keys))
        _refuse_taken_address(settings.host, settings.port)
        click.echo(_banner(settings))
    with _shared_figures(settings.workers):
        run_server(settings)


@contextmanager
def _shared_figures(workers: int) -> Iterator[None]:
    """Give several workers a folder through which each tells the figures of all."""
    if workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="motcua-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder
        yield


def _refuse_unusable_files(settings: Settings) -> None:
    try:
        check_files(settings)
    except UnusableFileError as exc:
        end(str(exc))


async def _refuse_another_name(settings: Settings) -> None:
    """End if the audit log was signed under another name: with a new one, no checkpoint would fit another."""
    async with opened_database(settings) as database:
        # What cannot be read as a checkpoint is for those who make the next one to be alarmed about.
        with suppress(CheckpointMalformedError):
            name = await name_of_log(database)
            if name not in {None, settings.origin}:
                end(f"the audit log's name is {name}: set MOTCUA_AUDIT_ORIGIN to it")


async def _refuse_sandbox_accounts(settings: Settings) -> None:
    """End if somebody could log in with the password that all the world knows."""
    async with opened_database(settings) as database:
        names = await open_sandbox_accounts(database)
    if names:
        end(
            f"accounts of the sandbox are open with its password: {', '.join(names)}; "
            "production needs a database of its own, or accounts with other passwords"
        )


async def _load_sandbox(settings: Settings, keys: Keys) -> None:
    async with opened_database(settings) as database:
        await load_sandbox(database, Sealer(keys))


def _refuse_taken_address(host: str, port: int) -> None:
    """Send no newcomer to an address where somebody else answers."""
    deadline = time.monotonic() + _ADDRESS_PATIENCE_SECONDS
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as exc:
                if time.monotonic() > deadline:
                    end(f"cannot listen on {host}, port {port}: {exc.strerror}")
            else:
                return
        time.sleep(_ADDRESS_PATIENCE_SECONDS / 20)


def _banner(settings: Settings) -> str:
    """Tell a newcomer where everything is, with one line that works when pasted into a shell."""
    claim = {
        "procedure_code": "1.004194",
        "full_name": "NGUYỄN THỊ MINH NGỌC",
        "id_number": "100190000001",
        "birth_date": "1990-07-30",
    }
    address = f"http://{settings.host}:{settings.port}"
    token = (
        f"curl -s {address}/auth/token -d grant_type=password -d username=receiver -d password=sandbox"
        """ | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'"""
    )
    curl = (
        f'curl -s {address}/verify/id-card -H "Authorization: Bearer $({token})"'
        f" -H 'Content-Type: application/json' -d '{json.dumps(claim, ensure_ascii=False)}'"
    )
    return _BANNER.format(version=metadata.version("motcua-dancu"), address=address, curl=curl)
