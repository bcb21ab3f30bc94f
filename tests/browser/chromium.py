"""Finds the system's Chromium. Run as a program it prints the path, or says what to do."""

import os
import shutil
import sys
from typing import Final

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_MISSING: Final = "no Chromium found: install the package chromium, or name an executable in CHROMIUM"

ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str:
    """Give the path of a Chromium.

    Raises:
        RuntimeError: there is none.
    """
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise RuntimeError(_MISSING)
    return found


if __name__ == "__main__":
    try:
        print(chromium_path())  # noqa: T201 - what it is for
    except RuntimeError as exc:
        sys.exit(str(exc))
