"""Runs the service in processes that are forked off one that has everything imported: each is there at once.

    python -m tests.faults.storms.forked PORT CLOCK_FILE

For each line of its standard input it forks a process that serves, and writes its id on a line. Only one may
live at a time; the next line waits for its end. The clock is the system's and the seconds in CLOCK_FILE.
"""

import mmap
import os
import socket
import struct
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.intake.edge import SERVER_OPTIONS
from app.logs import configure_logs
from app.main import create_app
from app.settings import load_settings

OFFSET = struct.Struct("d")


def make_app(clock_file: Path) -> FastAPI:
    """Build the service over a clock that somebody else may turn."""
    settings = load_settings()
    configure_logs(settings.log_level)
    with clock_file.open("rb") as file:
        offset = mmap.mmap(file.fileno(), OFFSET.size, access=mmap.ACCESS_READ)

    def now() -> datetime:
        (seconds,) = OFFSET.unpack(offset[: OFFSET.size])
        return datetime.now(UTC) + timedelta(seconds=seconds)

    return create_app(settings, clock=now)


def main() -> None:
    """Fork when told to."""
    app = make_app(Path(sys.argv[2]))
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=512)
    for _ in sys.stdin:
        process = os.fork()
        if process == 0:
            config = uvicorn.Config(app, loop="uvloop", timeout_graceful_shutdown=10, **SERVER_OPTIONS)
            uvicorn.Server(config).run(sockets=[listener])
            os._exit(0)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()
        os.waitpid(process, 0)


if __name__ == "__main__":
    main()
