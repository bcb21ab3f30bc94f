"""What the commands of `motcua` begin with: settings and keys, or an end with the reason."""

import getpass
import sys
import unicodedata
from contextlib import suppress
from typing import Final, NoReturn

import click
from pydantic import ValidationError

from app.keys.key_file import KeyFileError, Keys, LogKeyMissingError, refuse_sandbox_keys, replace_log_keys
from app.keys.log_keys import LogKeys
from app.settings.settings import PREFIX, Settings, load_settings

REFUSED: Final = 2
"""Exit status of a command that cannot begin."""

UNREADY: Final = 1
"""Exit status of a command that may work later, as it is: what starts services tries again."""

IN_FORCE: Final = "running services follow within a minute"
"""What a command says that changed what services keep in memory."""


def settings_or_exit() -> Settings:
    """Read the settings or end with the reason, without a traceback and without any value."""
    try:
        return load_settings()
    except ValueError as exc:
        end(*faults_of(exc))


def end(*reasons: str, status: int = REFUSED) -> NoReturn:
    """End with the reasons, a line for each."""
    for reason in reasons:
        click.echo(f"motcua: {reason}", err=True)
    sys.exit(status)


def faults_of(refusal: ValueError) -> list[str]:
    """Say what is wrong with the settings, a line for each fault, without any value."""
    if not isinstance(refusal, ValidationError):
        return [str(refusal)]
    faults = []
    for error in refusal.errors(include_input=False, include_url=False, include_context=False):
        name = f"{PREFIX}{'_'.join(str(part) for part in error['loc']).upper()}" if error["loc"] else ""
        faults.append(f"{name} {error['msg']}".strip())
    return faults


def operator_name() -> str:
    """Name the machine's account that runs the command; that is all that a command line knows."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "unknown"
    return f"cli:{unicodedata.normalize('NFC', name)}"[:64]


def keys_or_exit(settings: Settings) -> Keys:
    """Read the key file or end with the reason; the sandbox makes what is missing at its first start."""
    try:
        if settings.env == "sandbox":
            _make_what_is_missing(settings)
        else:
            refuse_sandbox_keys(settings.key_file)
    except KeyFileError as exc:
        end(f"{settings.key_file}: {exc}")
    return present_keys_or_exit(settings)


def present_keys_or_exit(settings: Settings) -> Keys:
    """Read the key file as it is or end with the reason."""
    try:
        return Keys.read(settings.key_file)
    except KeyFileError as exc:
        end(f"{settings.key_file}: {exc}")


def _make_what_is_missing(settings: Settings) -> None:
    if not settings.key_file.exists():
        # If another process was quicker, its keys are the ones to use.
        with suppress(FileExistsError):
            Keys.generate().write(settings.key_file, is_for_sandbox=True)
    try:
        Keys.read(settings.key_file)
    except LogKeyMissingError:
        replace_log_keys(settings.key_file, LogKeys.generate())
