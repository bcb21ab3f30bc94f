"""The form of a backup: one tar file with the database, the checkpoints kept beside it, and a list of both.

Never with the keys: whoever finds a backup must not be able to read it.
"""

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from app.durable import sync

MANIFEST: Final = "manifest.json"
DATABASE: Final = "motcua.db"
CHECKPOINTS: Final = "checkpoints"

_FORM: Final = "motcua-backup-1"
_MEMBER: Final = re.compile(rf"{re.escape(DATABASE)}|{CHECKPOINTS}/checkpoints-[0-9-]+\.jsonl")
_MOST_MANIFEST_BYTES: Final = 1 << 20


class BackupRefusedError(Exception):
    """The file is no backup, or not what was written."""


def write_backup(target: Path, folder: Path, facts: Mapping[str, Any]) -> None:
    """Pack what stands in the folder; `target` is there whole or not at all, and is never written over.

    Raises:
        FileExistsError: there is such a file.
        OSError: it cannot be written.
    """
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    manifest = {
        "form": _FORM,
        **facts,
        "files": {name: _digest(folder / name) for name in names},
    }
    text = json.dumps(manifest, indent=1).encode()
    partial = target.with_name(f".{target.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w") as archive:
                head = tarfile.TarInfo(MANIFEST)
                head.size, head.mode = len(text), 0o600
                archive.addfile(head, io.BytesIO(text))
                for name in names:
                    archive.add(folder / name, arcname=name, recursive=False)
            stream.flush()
            os.fsync(stream.fileno())
        # Unlike a renaming, this fails if somebody was quicker.
        os.link(partial, target)
        sync(target.parent)
    finally:
        partial.unlink()


def read_backup(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into an empty folder and return its manifest; every file is as its digest says.

    Raises:
        BackupRefusedError: it is not, or the file is no backup.
    """
    with _refusing(path), tarfile.open(path, mode="r:") as archive:
        manifest = _manifest(archive)
        expected = dict(manifest["files"])
        while (member := archive.next()) is not None:
            if member.name not in expected or not member.isfile():
                raise BackupRefusedError(f"{path.name}: it holds what its manifest does not name")
            _unpack(archive, member, folder / member.name)
            if _digest(folder / member.name) != expected.pop(member.name):
                raise BackupRefusedError(f"{path.name}: {member.name} is not what was backed up")
        if expected:
            raise BackupRefusedError(f"{path.name}: files are missing: {', '.join(sorted(expected))}")
    return manifest


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, KeyError, TypeError, ValueError, EOFError) as exc:
        raise BackupRefusedError(f"{path.name}: not a backup of this service, or not whole") from exc


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    head = archive.next()
    if head is None or head.name != MANIFEST or head.size > _MOST_MANIFEST_BYTES:
        raise ValueError("a backup begins with its manifest")
    stream = archive.extractfile(head)
    manifest: dict[str, Any] = json.loads(stream.read()) if stream else {}
    names = list(manifest["files"])
    if manifest["form"] != _FORM or DATABASE not in names:
        raise ValueError("another form")
    # Names lead to places: only those of ours are taken.
    if not all(_MEMBER.fullmatch(name) for name in names):
        raise ValueError("a name that is none of ours")
    return manifest


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    source = archive.extractfile(member)
    if source is None:
        raise ValueError("not a file")
    target.parent.mkdir(exist_ok=True)
    with target.open("xb") as stream:
        target.chmod(0o600)
        shutil.copyfileobj(source, stream, 1 << 20)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
