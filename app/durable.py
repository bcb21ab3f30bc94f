"""Makes files outlast a power cut: their content, and the names under which they stand."""

import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file's content, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy_durably(source: Path, folder: Path) -> None:
    """Copy a file into a folder; its content is durable then, its name once the folder is."""
    sync(Path(shutil.copy(source, folder)))
