"""The `motcua` command: runs the service and prepares what it needs."""

import asyncio
import json
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Final

import click
import uvicorn
from pydantic import ValidationError

from app.db.engine import Database
from app.db.migrate import migrate as migrate_database
from app.intake.edge import SERVER_OPTIONS
from app.keys import KeyFileError, Keys, Sealer
from app.logs import configure_logs
from app.sandbox.generate import generate_population
from app.sandbox.load import load_sandbox
from app.settings import PREFIX, Settings, load_settings

_REFUSED: Final = 2

_BANNER: Final = """
motcua-dancu {version} · {address} · sandbox, invented people only
  docs      {address}/docs
  accounts  receiver, receiver2, receiver3, receiver15, manager, manager0, auditor, admin (password: sandbox)
            client portal (secret: sandbox)
  try       {curl}
"""


def _settings() -> Settings:
    """Read the settings or end with the reason, without a traceback and without any value."""
    try:
        return load_settings()
    except ValidationError as exc:
        for error in exc.errors(include_input=False, include_url=False, include_context=False):
            name = f"{PREFIX}{'_'.join(str(part) for part in error['loc']).upper()}" if error["loc"] else ""
            click.echo(f"motcua: {name} {error['msg']}".replace("  ", " "), err=True)
    except ValueError as exc:
        click.echo(f"motcua: {exc}", err=True)
    sys.exit(_REFUSED)


def _keys(settings: Settings) -> Keys:
    """Read the key file; the sandbox makes one at its first start."""
    try:
        if settings.env == "sandbox" and not settings.key_file.exists():
            # If another process was quicker, its keys are the ones to use.
            with suppress(FileExistsError):
                Keys.generate().write(settings.key_file)
        return Keys.read(settings.key_file)
    except KeyFileError as exc:
        click.echo(f"motcua: {settings.key_file}: {exc}", err=True)
        sys.exit(_REFUSED)


@click.group()
@click.version_option(metadata.version("motcua-dancu"), message="%(version)s")
def main() -> None:
    """Look into the National Population Database from one-stop desks (motcua-dancu)."""


@main.command()
def serve() -> None:
    """Migrate the database and serve; settings are MOTCUA_* environment variables."""
    settings = _settings()
    configure_logs(settings.log_level)
    keys = _keys(settings)
    migrate_database(settings.database_url)
    if settings.env == "sandbox":
        asyncio.run(_load_sandbox(settings, keys))
        click.echo(_banner(settings))
    uvicorn.run(
        "app.main:app_from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=30,
        **SERVER_OPTIONS,
    )


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    migrate_database(_settings().database_url)


@main.group()
def keys() -> None:
    """Make the service's keys."""


@keys.command("init")
def keys_init() -> None:
    """Write a new key file; refuses to replace one, for what it sealed could never be read again."""
    settings = _settings()
    try:
        Keys.generate().write(settings.key_file)
    except FileExistsError:
        click.echo(f"motcua: {settings.key_file} exists already", err=True)
        sys.exit(_REFUSED)
    click.echo(f"wrote {settings.key_file}")


@main.command()
@click.option("--people", type=click.IntRange(1, 5_000_000), required=True, help="How many to invent.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same people.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("var/population.json"),
    show_default=True,
    help="File to write; point MOTCUA_SANDBOX_POPULATION_FILE at it.",
)
def sandbox(people: int, seed: int, output: Path) -> None:
    """Write a large invented population with families and households for the mock register."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("w", encoding="utf-8") as stream:
        generate_population(stream, people=people, seed=seed)
    click.echo(f"wrote {people} people to {output}")


async def _load_sandbox(settings: Settings, keys: Keys) -> None:
    database = Database(settings.database_url)
    try:
        await load_sandbox(database, Sealer(keys))
    finally:
        await database.close()


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


if __name__ == "__main__":
    main()
