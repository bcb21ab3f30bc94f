"""Measures what a lookup pays for being counted and timed: `python -m benchmarks.metering`.

Once for one process, and once as several share a folder, where each figure is written to a mapped file.
"""

import os
import subprocess
import sys
import tempfile
import timeit
from typing import Final

_TIMES: Final = 20_000
_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"


def measure() -> None:
    """Print the microseconds of all that is counted for one lookup."""
    from app.domain.lookup_kind import LookupKind  # noqa: PLC0415 - the library reads the variable as it is imported
    from app.services.lookup_meter import Stopwatch  # noqa: PLC0415 - as above
    from app.services.metrics import Metrics  # noqa: PLC0415 - as above

    metrics = Metrics()

    def one_lookup() -> None:
        metrics.requests.began()
        stopwatch = Stopwatch()
        stopwatch.asked(stopwatch.began)
        metrics.lookups.ended(LookupKind.ID_CARD, "exists", stopwatch)
        metrics.requests.ended("POST", "/verify/id-card", status=200, seconds=0.005)

    one_lookup()
    best = min(timeit.repeat(one_lookup, number=_TIMES, repeat=5)) / _TIMES
    print(f"{best * 1e6:.1f} µs a lookup, {'shared' if _SHARED in os.environ else 'one process'}")  # noqa: T201


if __name__ == "__main__":
    measure()
    if _SHARED not in os.environ:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-m", "benchmarks.metering"], env=os.environ | {_SHARED: folder}, check=True
            )
