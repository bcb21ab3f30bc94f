"""Looks at what lies in the file system: the keys, the audit log's anchor, and the room that is left."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from app.doctor.findings import Finding, fail, ok, warn
from app.keys.key_file import KeyFileError, Keys, refuse_sandbox_keys
from app.settings.settings import Settings

_SQLITE: Final = "sqlite:///"
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
_LEAST_FREE_BYTES: Final = 200 * 1024**2
_FEW_FREE_BYTES: Final = 2 * 1024**3


def place_findings(settings: Settings) -> Iterator[Finding]:
    """Look at the key file, the anchor's directory and the free space."""
    yield from _key_findings(settings)
    yield from _anchor_findings(settings)
    yield from _space_findings(settings)


def _key_findings(settings: Settings) -> Iterator[Finding]:
    try:
        Keys.read(settings.key_file)
        if settings.env == "production":
            refuse_sandbox_keys(settings.key_file)
        owner, folder = settings.key_file.stat().st_uid, settings.key_file.resolve().parent.stat()
    except (KeyFileError, OSError) as exc:
        yield fail("keys", str(exc) if isinstance(exc, KeyFileError) else "the key file cannot be read")
        return
    if owner not in {os.geteuid(), 0}:
        yield fail("keys", "the key file belongs to another account than the one that runs this")
    elif folder.st_mode & _WRITABLE_BY_OTHERS and not folder.st_mode & stat.S_ISVTX:
        yield warn("keys", "others may write into the key file's directory and put another file in its place")
    else:
        yield ok("keys", "the key file is sound, and only its owner can read it")


def _anchor_findings(settings: Settings) -> Iterator[Finding]:
    directory = settings.audit_anchor_directory
    if directory is None:
        yield warn("anchor", "MOTCUA_AUDIT_ANCHOR_DIRECTORY is not set: checkpoints stay beside the key file")
        return
    if not directory.exists() and os.access(directory.parent, os.W_OK | os.X_OK):
        yield warn(
            "anchor",
            "the anchor's directory is not there: right before the first start, which makes it; later its "
            "disk is away",
        )
        return
    try:
        mode, device = directory.stat().st_mode, directory.stat().st_dev
        with TemporaryFile(dir=directory):
            pass
    except OSError as exc:
        yield fail("anchor", f"the anchor's directory cannot be written: {exc.strerror}")
        return
    database = sqlite_file(settings)
    if database is not None and database.resolve().parent in {
        directory.resolve(),
        *directory.resolve().parents,
    }:
        yield fail("anchor", "the anchor lies within the database's directory: who takes one has both")
    elif mode & stat.S_IWOTH:
        yield fail("anchor", "anybody on this machine may write into the anchor's directory")
    elif database is not None and database.exists() and database.stat().st_dev == device:
        yield warn("anchor", "the anchor lies on the database's disk: put it on another one")
    else:
        yield ok("anchor", "the anchor's directory can be written and lies outside the database")


def _space_findings(settings: Settings) -> Iterator[Finding]:
    places = {"key file": settings.key_file.parent, "anchor": settings.audit_anchor_directory}
    database = sqlite_file(settings)
    places |= {"database": database.parent} if database is not None else {}
    for name, place in places.items():
        if place is None or not place.is_dir():
            continue
        free = shutil.disk_usage(place).free
        message = f"{free // 1024**2} MiB are free for the {name}"
        if free < _LEAST_FREE_BYTES:
            yield fail("space", message)
        else:
            yield warn("space", message) if free < _FEW_FREE_BYTES else ok("space", message)


def sqlite_file(settings: Settings) -> Path | None:
    """Tell where the SQLite database lies; None for PostgreSQL."""
    if not settings.database_url.startswith(_SQLITE):
        return None
    return Path(settings.database_url.removeprefix(_SQLITE))
