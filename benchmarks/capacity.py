"""How many lookups and registrations a second one worker makes, two, and the topology of docs/scale.md.

    make proxies cluster-programs; python -m benchmarks.capacity

All of it shares this machine's cores. The rates are taken in turns, so that a busy moment does not fall on
one of them alone. Prints a table; docs/performance.md says what it means for a city.
"""

import ssl
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.bench import MANY, ROUND_SECONDS, ROUNDS, over_postgres, run_loop
from benchmarks.lean_upstream import running_upstream
from benchmarks.load import Load, in_flight
from benchmarks.served import registration, running_service, soap_settings, verification
from tests.databases import PostgresCopies, make_postgres_folder, running_postgres
from tests.faults.cluster.topology import behind_nginx, running_topology

# What is measured is not how soon nginx refuses.
_NO_LIMIT: Final = 100_000
_KINDS: Final = {"lookups": verification, "registrations": registration}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is reached, and who vouches for it."""

    address: str
    trust: ssl.SSLContext | None = None


@contextmanager
def _on_one_server(upstream: str) -> Iterator[dict[str, Place]]:
    """Run one service of one worker and one of two, each on a database of its own."""
    make_postgres_folder()
    with ExitStack() as stack:
        postgres = PostgresCopies(stack.enter_context(running_postgres()))
        yield {
            what: Place(
                stack.enter_context(
                    over_postgres(postgres, running_service, upstream, workers=workers)
                ).address
            )
            for workers, what in ((1, "one worker"), (2, "two workers"))
        }


@contextmanager
def _on_topology(upstream: str) -> Iterator[dict[str, Place]]:
    register = {name: str(value) for name, value in soap_settings(upstream).items()}
    with (
        TemporaryDirectory(prefix="motcua-capacity-") as folder,
        running_topology(Path(folder), register) as topology,
        behind_nginx(topology, requests_per_second=_NO_LIMIT) as nginx,
    ):
        what = "three processes, nginx, PgBouncer, HAProxy, a synchronous standby"
        yield {what: Place(nginx.base_url, nginx.trust)}


async def _full(kind: str, place: Place) -> Load:
    async with _KINDS[kind](place.address, trust=place.trust) as call:
        await in_flight(call, callers=MANY, seconds=1.0)
        return await in_flight(call, callers=MANY, seconds=ROUND_SECONDS)


def _taken(places: dict[str, Place]) -> str:
    """Take each rate in turns, and write the best of each."""
    best: dict[tuple[str, str], float] = defaultdict(float)
    for _ in range(ROUNDS):
        for kind in _KINDS:
            for what, place in places.items():
                load = run_loop(_full(kind, place))
                sys.stderr.write(f"{what}, {kind}: {load.own_shares(delay_ms=0)}\n")
                best[what, kind] = max(best[what, kind], load.per_second)
    rows = (
        f"| {what} | " + " | ".join(f"{best[what, kind]:.0f}" for kind in _KINDS) + " |\n" for what in places
    )
    return "".join(rows)


def main() -> None:
    """Measure, and print the table."""
    with ExitStack() as stack:
        upstream = f"{stack.enter_context(running_upstream())}/0"
        places = stack.enter_context(_on_topology(upstream)) | stack.enter_context(_on_one_server(upstream))
        rows = _taken(places)
    sys.stdout.write(
        f"| PostgreSQL, register over SOAP | lookups/s | registrations/s |\n|---|---|---|\n{rows}"
    )


if __name__ == "__main__":
    main()
