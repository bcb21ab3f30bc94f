"""The project's own files, as the house tests read them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]

# What .gitignore names: made on the machine, not part of the project. Git itself may be absent.
_NOT_OURS: Final = frozenset(
    {".git", ".venv", "var", "build", "dist", "__pycache__", ".hypothesis", ".schemathesis"}
)
_NOT_OURS_ENDINGS: Final = ("_cache", ".egg-info")


def project_files(*suffixes: str) -> Iterator[Path]:
    """Give the project's text files, all or those with one of the suffixes."""
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = sorted(
            name for name in subfolders if name not in _NOT_OURS and not name.endswith(_NOT_OURS_ENDINGS)
        )
        for name in sorted(names):
            path = Path(folder, name)
            # Git's own `.git` is a file where the project is checked out beside another copy of it.
            if (
                name != ".git"
                and not name.startswith(".coverage")
                and (not suffixes or path.suffix in suffixes)
            ):
                yield path


def modules_of_app() -> list[Path]:
    """Give the modules of the package `app`."""
    return sorted((ROOT / "app").rglob("*.py"))


def shown(path: Path) -> str:
    """Give a path as a reader of the project writes it."""
    return path.relative_to(ROOT).as_posix()
