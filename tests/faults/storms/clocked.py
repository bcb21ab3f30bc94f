"""Runs the service by a clock that somebody else may turn, in one process.

    python -m tests.faults.storms.clocked CLOCK_FILE

The clock is the system's and the seconds in CLOCK_FILE. What the database needs must be there: `motcua serve`
has started on it once.
"""

import mmap
import struct
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI

from app.intake.edge import SERVER_OPTIONS
from app.logs import configure_logs
from app.main import create_app
from app.settings.settings import Settings, load_settings

_OFFSET: Final = struct.Struct("d")


def make_app(settings: Settings, clock_file: Path) -> FastAPI:
    """Build the service over a clock that somebody else may turn."""
    configure_logs(settings.log_level)
    with clock_file.open("rb") as file:
        offset = mmap.mmap(file.fileno(), _OFFSET.size, access=mmap.ACCESS_READ)

    def now() -> datetime:
        (seconds,) = _OFFSET.unpack(offset[: _OFFSET.size])
        return datetime.now(UTC) + timedelta(seconds=seconds)

    return create_app(settings, clock=now)


def turn_clock(clock_file: Path, seconds: float) -> None:
    """Set how far a clock is from the true one."""
    clock_file.touch()
    # In place: the file is mapped into the service, and would be gone from there for a moment.
    with clock_file.open("r+b") as file:
        file.write(_OFFSET.pack(seconds))


def main() -> None:
    """Serve."""
    settings = load_settings()
    config = uvicorn.Config(
        make_app(settings, Path(sys.argv[1])),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        timeout_graceful_shutdown=settings.shutdown_seconds,
        **SERVER_OPTIONS,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
