"""The external anchor: signed checkpoints in append-only files outside the database.

A file for each day, a line of JSON `{"size", "made_at", "note"}` for each checkpoint, durable when `append`
returns. Nothing is ever written over. What the database lost or had rewritten, these files still show.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from app.db.checkpoints import StoredCheckpoint
from app.durable import locked, sync

_PATTERN: Final = "checkpoints-*.jsonl"
_LOCK: Final = ".lock"
_TAIL_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class AnchoredCheckpoint:
    """One line of an anchor's file. Size and time are what the line says; only the note is signed."""

    place: str
    size: int
    note: str
    made_at: datetime | None
    """None where the line has none that could be read."""


@dataclass(frozen=True, slots=True)
class CheckpointAnchor:
    """A directory of such files. Several processes may append to it; each checkpoint is there once."""

    directory: Path

    def newest(self) -> AnchoredCheckpoint | None:
        """Return the newest checkpoint.

        Raises:
            OSError: the directory cannot be read.
        """
        for path in reversed(self.files()):
            with path.open("rb") as stream:
                stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL_BYTES))
                for line in reversed(stream.readlines()):
                    if found := _read(path.name, line):
                        return found
        return None

    def append(self, checkpoints: Sequence[StoredCheckpoint]) -> None:
        """Append those that are larger than the newest one there; durable when this returns.

        Raises:
            OSError: the directory cannot be written.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._locked():
            newest = self.newest()
            missing = [one for one in checkpoints if newest is None or one.size > newest.size]
            if missing:
                self._write(missing)

    def as_it_is(self) -> Callable[[], Iterator[AnchoredCheckpoint]]:
        """Give the checkpoints of this moment, to be read any number of times, oldest first.

        A line that a power cut left unfinished is left out.

        Raises:
            OSError: the directory cannot be read.
        """
        return partial(_checkpoints, [(path, path.stat().st_size) for path in self.files()])

    def files(self) -> list[Path]:
        """Name the files, oldest first; none where the directory is not there.

        Raises:
            OSError: the directory cannot be read.
        """
        if not self.directory.exists():
            return []
        # Unlike glob(), this says when the directory may not be read.
        return [path for path in sorted(self.directory.iterdir()) if path.match(_PATTERN)]

    def _write(self, checkpoints: Sequence[StoredCheckpoint]) -> None:
        day = checkpoints[-1].made_at.astimezone(UTC).date()
        # A clock that was set back does not bring an older file into use again.
        path = max([self.directory / f"checkpoints-{day.isoformat()}.jsonl", *self.files()[-1:]])
        with path.open("ab+") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - 1))
            # A line that a power cut left unfinished stays by itself.
            start = b"" if stream.read(1) in {b"", b"\n"} else b"\n"
            stream.write(start + b"".join(map(_line, checkpoints)))
            stream.flush()
            os.fsync(stream.fileno())
        if not size:
            sync(self.directory)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # Over NFS the hosts see each other's locks of files, and not those of folders; and only where the
        # file is open for writing.
        with (self.directory / _LOCK).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Processes of the release before this one, on the same host, lock the folder.
            with locked(self.directory):
                yield


def _checkpoints(files: Sequence[tuple[Path, int]]) -> Iterator[AnchoredCheckpoint]:
    """Read the lines that lie within the first so many bytes of each file."""
    for path, length in files:
        with path.open("rb") as stream:
            read = 0
            for number, line in enumerate(stream, start=1):
                read += len(line)
                if read > length:
                    break
                if found := _read(f"{path.name}:{number}", line):
                    yield found


def _line(checkpoint: StoredCheckpoint) -> bytes:
    made_at = checkpoint.made_at.astimezone(UTC).isoformat()
    entry = {"size": checkpoint.size, "made_at": made_at, "note": checkpoint.note}
    return json.dumps(entry, ensure_ascii=False).encode() + b"\n"


def _read(place: str, line: bytes) -> AnchoredCheckpoint | None:
    try:
        entry = json.loads(line)
        return AnchoredCheckpoint(
            place, int(entry["size"]), str(entry["note"]), _moment(entry.get("made_at"))
        )
    except (ValueError, KeyError, TypeError):
        return None


def _moment(told: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
