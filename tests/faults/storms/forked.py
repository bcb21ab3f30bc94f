"""Runs the service in processes that are forked off one that has everything imported: each is there at once.

    python -m tests.faults.storms.forked PORT CLOCK_FILE

For each line of its standard input it forks a process that serves, and writes its id on a line. Only one may
live at a time; the next line waits for its end. The clock is that of `clocked.py`.
"""

import os
import socket
import sys
from pathlib import Path

import uvicorn

from app.intake.edge import SERVER_OPTIONS
from app.settings.settings import load_settings
from tests.faults.storms.clocked import make_app


def main() -> None:
    """Fork when told to."""
    app = make_app(load_settings(), Path(sys.argv[2]))
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
