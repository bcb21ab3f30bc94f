"""Makes files outlast a power cut, their content and their names, and keeps other processes from a folder."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, are on the disk."""
    with _opened(path) as descriptor:
        os.fsync(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes of this machine that lock the folder out of the block; waits for them."""
    with _opened(folder) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def copy_durably(source: Path, folder: Path) -> None:
    """Copy a file into a folder; its content is durable then, its name once the folder is."""
    sync(Path(shutil.copy(source, folder)))


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
