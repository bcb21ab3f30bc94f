"""Measure what group commit saves: the audit log's writer against one transaction per record.

    python -m benchmarks.audit_append --database-url sqlite:////tmp/bench.db

Give it a database of its own: it is migrated, and its audit log grows. Both ways have the same number of
callers at once and make the same records; what counts is the ratio, absolute rates differ between machines.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

from app.db.engine import Database
from app.db.migrate import migrate
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.lookup_kind import LookupKind
from app.keys import Keys, Sealer
from app.services.audit_log import AuditLog


def make_intent() -> AuditEvent:
    """Make an event as a lookup does."""
    return AuditEvent(
        kind=AuditKind.INTENT,
        at=datetime.now(UTC),
        officer="receiver",
        agency="H24.15",
        client=None,
        source_address="10.0.0.1",
        lookup_id=uuid4(),
        lookup_kind=LookupKind.ID_CARD,
        procedure_code="1.004194",
        subjects=(Subject("claimed", "100190000001"),),
        upstream_request_id=str(uuid4()),
    )


async def rate_of(
    append: Callable[[AuditEvent], Awaitable[object]], *, callers: int, seconds: float
) -> float:
    """Let callers append over and over; return the records made durable per second."""
    begin = time.perf_counter()

    async def caller() -> int:
        appended = 0
        while time.perf_counter() < begin + seconds:
            await append(make_intent())
            appended += 1
        return appended

    counts = await asyncio.gather(*(caller() for _ in range(callers)))
    return sum(counts) / (time.perf_counter() - begin)


async def measure(database_url: str, *, callers: int, seconds: float) -> None:
    """Measure both ways and print their rates and ratio."""
    database = Database(database_url)
    log = AuditLog(
        database, Sealer(Keys.generate()), lambda: datetime.now(UTC), queue_limit=100_000, timeout_seconds=60
    )

    async def append_alone(event: AuditEvent) -> None:
        async with database.write() as session:
            await log.append_within(session, event)

    log.start()
    alone = await rate_of(append_alone, callers=callers, seconds=seconds)
    grouped = await rate_of(log.append, callers=callers, seconds=seconds)
    await log.stop()
    await database.close()
    sys.stdout.write(
        f"one commit per record: {alone:.0f}/s\ngroup commit: {grouped:.0f}/s\nratio: {grouped / alone:.1f}\n"
    )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    migrate(arguments.database_url)
    asyncio.run(measure(arguments.database_url, callers=arguments.callers, seconds=arguments.seconds))


if __name__ == "__main__":
    main()
