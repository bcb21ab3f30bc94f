"""The service with each commit of the audit log's writer slowed by 5 ms, as a busy disk or a standby would.

python -m benchmarks.slow_commits serve
"""

import threading
import time
from typing import Final

from sqlalchemy import Engine, event

from app.cli import main

COMMIT_SECONDS: Final = 0.005


@event.listens_for(Engine, "commit")
def _wait(_connection: object) -> None:
    if threading.current_thread().name.startswith("append"):
        time.sleep(COMMIT_SECONDS)


if __name__ == "__main__":
    main()
