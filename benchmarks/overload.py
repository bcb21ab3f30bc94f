"""Measure what ten times too much does to the service: `python -m benchmarks.overload`.

Takes the capacity (as many callers as there are places, over and over), offers ten times as much for some
seconds whether it is answered or not, and tells what was answered, refused and kept. PostgreSQL, one worker,
a register over SOAP that answers at once or after a delay; all on this machine's loopback. Takes a minute.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Final
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg
import uvloop

from benchmarks.lean_client import LeanClient, Tally
from benchmarks.lean_upstream import running_upstream
from benchmarks.served import LOOKUP, Server, running_service
from tests.databases import PostgresCopies, make_postgres_folder, running_postgres

CALLERS: Final = 64
ROUND_SECONDS: Final = 5.0
TIMES: Final = 10
LEAST_GOODPUT: Final = 0.9
MOST_LINES: Final = 600
_OK: Final = 200
_REFUSED: Final = 503


@dataclass(frozen=True, slots=True)
class Run:
    """Capacity before and after, and the overload between."""

    warm: Tally
    before: Tally
    overload: Tally
    after: Tally
    seconds: float
    megabytes: tuple[float, float, float]

    @property
    def capacity(self) -> float:
        """Lookups a second without overload; the better of before and after."""
        return max(self.before.statuses[_OK], self.after.statuses[_OK]) / ROUND_SECONDS

    @property
    def goodput(self) -> float:
        """Lookups a second under overload, of the capacity."""
        return self.overload.statuses[_OK] / self.seconds / self.capacity

    @property
    def answered(self) -> int:
        """Lookups that were answered, in all of it and while it warmed up."""
        return sum(tally.statuses[_OK] for tally in (self.warm, self.before, self.overload, self.after))


def prepared(address: str) -> bytes:
    """Write the request of an officer of the sandbox, with a token."""
    form = b"grant_type=password&username=receiver&password=sandbox"
    with urlopen(f"{address}/auth/token", data=form) as answer:  # noqa: S310 - our own http address
        token = json.load(answer)["access_token"]
    body = json.dumps(LOOKUP).encode()
    head = (
        f"POST /verify/id-card HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\n"
        f"Authorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def watched_memory(server: Server) -> Iterator[list[float]]:
    """Note the process' memory twice a second."""
    sizes: list[float] = []
    stop = Event()

    def watch() -> None:
        while not stop.wait(0.5):
            sizes.append(server.resident_megabytes)

    thread = Thread(target=watch)
    thread.start()
    try:
        yield sizes
    finally:
        stop.set()
        thread.join()


async def measure(server: Server, *, seconds: float) -> Run:
    """Take the capacity, overload the service, and take the capacity again."""
    url = urlsplit(server.address)
    client = LeanClient(url.hostname or "", url.port or 80, prepared(server.address), most_lines=MOST_LINES)
    warm = await client.in_flight(callers=CALLERS, seconds=2)
    before = await client.in_flight(callers=CALLERS, seconds=ROUND_SECONDS)
    at_rest = server.resident_megabytes
    with watched_memory(server) as sizes:
        capacity = before.statuses[_OK] / ROUND_SECONDS
        overload = await client.offered(per_second=TIMES * capacity, seconds=seconds)
    after = await client.in_flight(callers=CALLERS, seconds=ROUND_SECONDS)
    client.close()
    return Run(warm, before, overload, after, seconds, (at_rest, max(sizes), server.resident_megabytes))


def records(database_url: str) -> dict[str, int]:
    """Count the audit log's records by kind."""
    with psycopg.connect(database_url) as connection:
        return dict(connection.execute("SELECT kind, count(*) FROM audit_record GROUP BY kind").fetchall())


def told(run: Run, kinds: dict[str, int]) -> tuple[list[str], bool]:
    """Write the lines, and whether every bar is met."""
    overload = run.overload
    offered = overload.statuses.total() + overload.unsent
    refused = overload.statuses[_REFUSED]
    others = offered - refused - overload.statuses[_OK] - overload.unsent
    extra = kinds.get("INTENT", 0) - run.answered
    before, after = (tally.statuses[_OK] / ROUND_SECONDS for tally in (run.before, run.after))
    shares = {
        "refused with 503": f"{refused / offered:.1%}",
        "p99 of a refusal": f"{overload.percentile_ms(99, overload.refusal_durations):.0f} ms",
        "without Retry-After": overload.without_retry_after,
        "found no connection to be sent on": f"{overload.unsent / offered:.1%}",
        "anything else": others,
    }
    lines = [
        f"capacity: {before:.0f}/s before, {after:.0f}/s after, with {CALLERS} callers",
        f"p99 at capacity: {run.before.percentile_ms(99, run.before.durations):.0f} ms",
        f"offered: {offered / run.seconds:.0f}/s for {run.seconds:.0f} s",
        f"goodput: {overload.statuses[_OK] / run.seconds:.0f}/s, {run.goodput:.2f} of the capacity",
        *(f"{what}: {share}" for what, share in shares.items()),
        "answered: p50 {:.0f} ms, p99 {:.0f} ms".format(
            *(overload.percentile_ms(percent, overload.durations) for percent in (50, 99))
        ),
        "memory of the worker in MB: {:.0f} before, {:.0f} at most, {:.0f} after".format(*run.megabytes),
        f"answers: {run.answered}; INTENT: {kinds.get('INTENT', 0)}, OUTCOME: {kinds.get('OUTCOME', 0)}",
        f"INTENTs of refused lookups: {extra}",
    ]
    is_met = run.goodput >= LEAST_GOODPUT and not (extra or others or overload.without_retry_after)
    return lines, is_met


def main() -> None:
    """Measure and tell; ends with 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0, help="How long the overload lasts.")
    parser.add_argument(
        "--register-ms", type=int, default=100, help="How long the register takes; 0: no time."
    )
    arguments = parser.parse_args()
    make_postgres_folder()
    with running_postgres() as server_url, running_upstream() as upstream:
        postgres = PostgresCopies(server_url)
        name = postgres.create()
        try:
            url = postgres.url_of(name)
            register = f"{upstream}/{arguments.register_ms}"
            with (
                running_service(register, database_url=url) as server,
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                run = runner.run(measure(server, seconds=arguments.seconds))
            lines, is_met = told(run, records(url))
        finally:
            postgres.drop(name)
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
