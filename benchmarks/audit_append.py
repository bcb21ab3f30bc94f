"""Measure what group commit saves: the audit log's writer against one transaction per record.

    python -m benchmarks.audit_append --database-url sqlite:////tmp/bench.db

Give it a database of its own: it is migrated, and its audit log grows. All ways have the same number of
callers at once and make the same records; what counts is the ratio, absolute rates differ between machines.
With `--callers 1` every transaction has one record, as at a desk's pace. The last way takes each record from
budgets too.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import uuid4

from app.db import audit
from app.db.audit import NewRecord
from app.db.engine import Database
from app.db.migrate import migrate
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.audit_record import SealedSubject, canonical_bytes
from app.domain.lookup_budget import Limits
from app.domain.lookup_kind import LookupKind
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog, Counts

_LIMITS: Final = Limits(lookups=10**6, people=10**6, misses=10**6, agency_factor=10, client_factor=10)


@dataclass(frozen=True, slots=True)
class Pace:
    """Records made durable per second, and the CPU time of ours that each took, in seconds."""

    per_second: float
    cpu_seconds: float

    def told(self) -> str:
        """Write both."""
        return f"{self.per_second:.0f}/s, {1e6 * self.cpu_seconds:.0f} µs of our CPU time each"


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


def sealed_record(sealer: Sealer, event: AuditEvent) -> NewRecord:
    """Make an event's record much as the log does, under the service's own key."""
    subjects = [
        SealedSubject(
            subject.role,
            sealer.reference(subject.number, use="benchmark"),
            sealer.seal(subject.number.encode(), place="benchmark"),
        )
        for subject in event.subjects
    ]
    return audit.new_record(event, canonical_bytes(event, subjects=subjects, purpose_sealed=None), subjects)


async def pace_of(append: Callable[[AuditEvent], Awaitable[object]], *, callers: int, seconds: float) -> Pace:
    """Let callers append over and over."""
    begin, used = time.perf_counter(), time.process_time()

    async def caller() -> int:
        appended = 0
        while time.perf_counter() < begin + seconds:
            await append(make_intent())
            appended += 1
        return appended

    appended = sum(await asyncio.gather(*(caller() for _ in range(callers))))
    return Pace(appended / (time.perf_counter() - begin), (time.process_time() - used) / appended)


async def measure(database_url: str, *, callers: int, seconds: float) -> None:
    """Measure all ways and print what they came to."""
    database, sealer = Database(database_url), Sealer(Keys.generate())
    plain, with_budgets = (
        AuditLog(
            database,
            sealer,
            lambda: datetime.now(UTC),
            queue_limit=100_000,
            timeout_seconds=60,
            limits=limits,
        )
        for limits in (None, _LIMITS)
    )

    async def append_alone(event: AuditEvent) -> None:
        await database.append(partial(audit.append, records=[sealed_record(sealer, event)]))

    async def append_counted(event: AuditEvent) -> None:
        await with_budgets.append(event, counts=Counts.LOOKUP)

    for log in (plain, with_budgets):
        log.start()
    pace = partial(pace_of, callers=callers, seconds=seconds)
    alone, grouped, counted = [await pace(append) for append in (append_alone, plain.append, append_counted)]
    for log in (plain, with_budgets):
        await log.stop()
    await database.close()
    sys.stdout.write(
        f"one commit per record: {alone.told()}\n"
        f"group commit: {grouped.told()}\n"
        f"group commit, taken from budgets: {counted.told()}\n"
        f"ratio of the first two: {grouped.per_second / alone.per_second:.1f}\n"
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
