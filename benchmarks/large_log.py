"""Measure the audit log at ten million records in PostgreSQL: append, proof, verification, reports.

    python -m benchmarks.large_log --records 10000000
    python -m benchmarks.large_log --records 1000000 --partitions 1 24 60

Builds a log of that size and one of ten thousand, each in a database of its own, from records as two years
of lookups would leave them; takes about 15 minutes and 15 GB. With several numbers of partitions the large
one is built once for each. The sealed numbers in them are random bytes, all hashes are real, and the
verification must find the whole log sound, with a checkpoint in the table and one outside it for every
`--checkpoint-every` records.
"""

import argparse
import asyncio
import io
import json
import resource
import secrets
import statistics
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import sqlalchemy

from app.db import audit_subjects, audit_tree, lookup_figures
from app.db.audit_tables import AuditRecord
from app.db.checkpoints import StoredCheckpoint
from app.db.engine import Database, Session
from app.db.migrate import migrate
from app.db.tables import Base
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.audit_record import SealedSubject, canonical_bytes
from app.domain.checkpoint import Checkpoint
from app.domain.lookup_kind import LookupKind
from app.domain.lookup_report import LookupGrouping, Span
from app.domain.merkle import Frontier, leaf_hash, verify_inclusion
from app.keys.key_file import Keys
from app.keys.log_keys import LogKeys
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.services.checkpoint_anchor import CheckpointAnchor
from benchmarks.audit_append import pace_of
from benchmarks.telling import told
from tests.databases import (
    PostgresCopies,
    begin_partition,
    make_postgres_folder,
    running_postgres,
    sync_engine,
)
from tests.processes import process_environment

SMALL: Final = 10_000
BATCH: Final = 1 << 14
PEOPLE: Final = 200_000
OFFICERS: Final = 2_000
AGENCIES: Final = 300
BEGIN: Final = datetime(2024, 11, 1, tzinfo=UTC)
DAYS: Final = 730
ROUNDS: Final = 3
CALLERS: Final = 64
PROOFS: Final = 500
REPORTS: Final = 50
ORIGIN: Final = "motcua.example/audit"


@dataclass(frozen=True, slots=True)
class Lookup:
    """One lookup to invent: its number in the log, and when it was."""

    number: int
    at: datetime

    @property
    def officer(self) -> str:
        """Who made it."""
        return f"officer{self.number * 7919 % OFFICERS:04d}"

    @property
    def agency(self) -> str:
        """The officer's agency."""
        return f"H24.{self.number * 7919 % OFFICERS % AGENCIES:03d}"

    @property
    def ref(self) -> bytes:
        """Whom it concerned."""
        return ref_of(person_of(self.number))


def person_of(number: int) -> int:
    """Tell whom a lookup concerned; the steps are coprime to the number of people, so all get their turn."""
    return number * 104_729 % PEOPLE


def ref_of(person: int) -> bytes:
    """Make up a person's reference."""
    return leaf_hash(person.to_bytes(8, "big"))


def uuid_of(number: int, kind: int) -> UUID:
    """Make up an id that grows with time, as the service's do."""
    return UUID(int=number << 80 | 7 << 76 | 2 << 62 | kind << 32 | secrets.randbits(32))


def template(kind: AuditKind, result: str | None) -> str:
    """Write a record once as the service does, with a `%s` for what differs between lookups."""
    event = AuditEvent(
        kind=kind,
        at=BEGIN,
        officer="OFFICER",
        agency="AGENCY",
        client=None,
        source_address="10.0.0.1",
        lookup_id=UUID(int=1),
        event_id=UUID(int=2),
        lookup_kind=LookupKind.ID_CARD,
        procedure_code="1.004194",
        result=result,
        upstream_request_id=str(UUID(int=3)),
    )
    subject = SealedSubject("claimed", bytes(32), secrets.token_bytes(41))
    text = canonical_bytes(event, subjects=[subject], purpose_sealed=None).decode()
    names = {
        "agency": "AGENCY",
        "at": "2024-11-01T00:00:00.000000Z",
        "event_id": str(UUID(int=2)),
        "lookup_id": str(UUID(int=1)),
        "officer": "OFFICER",
        "ref": b64encode(bytes(32)).decode(),
    }
    for name, value in names.items():
        text = text.replace(f'"{value}"', f'"%({name})s"')
    return text


INTENT: Final = template(AuditKind.INTENT, None)
OUTCOME: Final = template(AuditKind.OUTCOME, "exists")


def lookups(records: int) -> Iterator[Lookup]:
    """Invent two years of lookups, evenly spread."""
    step = timedelta(days=DAYS) / (records // 2)
    return (Lookup(number, BEGIN + number * step) for number in range(records // 2))


def rows_of(lookup: Lookup) -> Iterator[tuple[Any, ...]]:
    """Write the two records of a lookup, but for their sequences."""
    lookup_id = uuid_of(lookup.number, 0)
    at = lookup.at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    for kind, text in ((AuditKind.INTENT, INTENT), (AuditKind.OUTCOME, OUTCOME)):
        event_id = uuid_of(lookup.number, 1 if kind is AuditKind.INTENT else 2)
        record = (
            text
            % {
                "agency": lookup.agency,
                "at": at,
                "event_id": event_id,
                "lookup_id": lookup_id,
                "officer": lookup.officer,
                "ref": b64encode(lookup.ref).decode(),
            }
        ).encode()
        ended = kind is AuditKind.OUTCOME
        yield (
            event_id,
            leaf_hash(record),
            record,
            kind.value,
            at,
            lookup_id,
            lookup.officer,
            lookup.agency,
            "exists" if ended else None,
            lookup_id if ended else None,
        )


def build(database_url: str, records: int, partitions: int) -> None:
    """Fill an empty, migrated database; indexes that would only slow it down are made afterwards."""
    months = [records * month // partitions for month in range(1, partitions)]
    indexes = sorted(Base.metadata.tables["audit_record"].indexes, key=lambda index: str(index.name))
    engine = sync_engine(database_url)
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
    tree = Frontier(0, ())
    with psycopg.connect(database_url) as connection:
        pending: list[tuple[Any, ...]] = []
        refs: list[bytes] = []
        for lookup in lookups(records):
            pending += rows_of(lookup)
            refs += [lookup.ref] * 2
            if len(pending) >= min(BATCH, records // partitions) or len(pending) + tree.size == records:
                tree = store(connection, tree, pending, refs)
                pending, refs = [], []
                if months and tree.size >= months[0]:
                    connection.commit()
                    begin_partition(database_url)
                    months.pop(0)
        connection.execute(
            "UPDATE audit_head SET size = %s, unclosed_from = %s, frontier = %s",
            (tree.size, tree.size, audit_tree.packed(tree)),
        )
    with engine.begin() as connection:
        for index in indexes:
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sqlalchemy.text("VACUUM ANALYZE"))
    engine.dispose()


def store(
    connection: psycopg.Connection, tree: Frontier, rows: list[tuple[Any, ...]], refs: list[bytes]
) -> Frontier:
    """Append rows to the tables, and their leaves to the tree."""
    grown, completed = tree.extended(row[1] for row in rows)
    cursor = connection.cursor()
    columns = (
        "sequence, event_id, leaf_hash, record, kind, at, lookup_id, officer, agency, result, closes,"
        " lookup_kind, procedure_code"
    )
    with cursor.copy(f"COPY audit_record ({columns}) FROM STDIN") as copy:
        for sequence, row in enumerate(rows, tree.size):
            copy.write_row((sequence, *row, LookupKind.ID_CARD.value, "1.004194"))
    with cursor.copy("COPY audit_subject (sequence, ref, role) FROM STDIN") as copy:
        for sequence, ref in enumerate(refs, tree.size):
            copy.write_row((sequence, ref, "claimed"))
    with cursor.copy("COPY audit_node (level, position, hash) FROM STDIN") as copy:
        for node in audit_tree.stored_rows(completed):
            copy.write_row((node["level"], node["position"], node["hash"]))
    return grown


async def append_rates(urls: list[str], *, seconds: float) -> list[tuple[float, float]]:
    """Take the rates of each log, in turns; keep the best: INTENTs alone, and lookups with both records."""
    best = [(0.0, 0.0)] * len(urls)
    async with AsyncExitStack() as stack:
        logs = []
        for url in urls:
            database = Database(url)
            stack.push_async_callback(database.close)
            log = AuditLog(
                database,
                Sealer(Keys.generate()),
                lambda: datetime.now(UTC),
                queue_limit=100_000,
                timeout_seconds=60,
            )
            log.start()
            stack.push_async_callback(log.stop)
            logs.append(log)
        for _ in range(ROUNDS):
            for place, log in enumerate(logs):
                intents = await pace_of(log.append, callers=CALLERS, seconds=seconds)
                lookups_ended = await pace_of(partial(end, log), callers=CALLERS, seconds=seconds)
                paces = (intents.per_second, lookups_ended.per_second)
                best[place] = (max(best[place][0], paces[0]), max(best[place][1], paces[1]))
    return best


async def end(log: AuditLog, intent: AuditEvent) -> None:
    """Append an INTENT, and then the OUTCOME of its lookup."""
    begun = await log.append(intent)
    outcome = replace(intent, kind=AuditKind.OUTCOME, event_id=uuid4(), result="exists")
    await log.append(outcome, after=begun.sequence)


async def timed(count: int, work: Callable[[Session], Awaitable[object]], database: Database) -> list[float]:
    """Do something again and again, each time in a transaction of its own; return the milliseconds."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        async with database.read() as session:
            await work(session)
        taken.append(1000 * (time.perf_counter() - began))
    return taken


async def questions(database_url: str, records: int) -> None:
    """Take the times of proofs and reports."""
    database = Database(database_url)
    async with database.read() as session:
        root = await audit_tree.root_at(session, records)

    async def proof(session: Session) -> None:
        sequence = secrets.randbelow(records)
        hashes = await audit_tree.inclusion_proof(session, sequence, records)
        leaf = await session.scalar(
            sqlalchemy.select(AuditRecord.leaf_hash).where(AuditRecord.sequence == sequence)
        )
        if leaf is None or not verify_inclusion(leaf, sequence, records, hashes, root):
            raise RuntimeError("a proof is wrong")

    reach = [f"H24.{agency:03d}" for agency in range(AGENCIES)]

    async def access_report(session: Session) -> None:
        ref = ref_of(person_of(secrets.randbelow(records // 2)))
        looks = await audit_subjects.looks_at(
            session, ref, reach=reach, since=None, until=None, before=None, limit=101
        )
        if not looks:
            raise RuntimeError("nobody looked at a person whom somebody looked at")

    async def month(session: Session) -> None:
        span = Span(BEGIN + timedelta(days=300), BEGIN + timedelta(days=331))
        await lookup_figures.lookup_counts(session, LookupGrouping.AGENCY, span, reach=reach)

    for name, count, work in (
        ("inclusion proof", PROOFS, proof),
        ("access report of a person", REPORTS, access_report),
        ("report of a month's lookups by agency", 5, month),
    ):
        taken = await timed(count, work, database)
        percentiles = statistics.quantiles(taken, n=100, method="inclusive")
        told(f"{name}, {records} records: p50 {percentiles[49]:.1f} ms, p99 {percentiles[98]:.1f} ms")
    await database.close()


def cpu_seconds() -> float:
    """Tell the time of processors that ended processes of ours have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def checkpoints(database_url: str, keys: LogKeys, every: int) -> Iterator[list[StoredCheckpoint]]:
    """Sign the log at every so many records, some at a time."""
    tree = Frontier()
    with psycopg.connect(database_url) as connection, connection.cursor("leaves") as leaves:
        leaves.itersize = BATCH
        leaves.execute("SELECT leaf_hash FROM audit_record ORDER BY sequence")
        pending: list[StoredCheckpoint] = []
        while found := leaves.fetchmany(every):
            tree, _ = tree.extended(leaf for (leaf,) in found)
            note = keys.sign(Checkpoint(ORIGIN, tree.size, tree.root))
            pending.append(StoredCheckpoint(tree.size, tree.root, note, BEGIN))
            if len(pending) >= BATCH:
                yield pending
                pending = []
    yield pending


def sign(database_url: str, folder: Path, every: int) -> None:
    """Make checkpoints of the log, in its table and outside."""
    anchor, log_keys = CheckpointAnchor(folder / "anchor"), Keys.read(folder / "keys.json").log_keys
    with psycopg.connect(database_url) as connection:
        for some in checkpoints(database_url, log_keys, every):
            anchor.append(some)
            with connection.cursor().copy(
                "COPY audit_checkpoint (size, root, note, made_at) FROM STDIN"
            ) as copy:
                for one in some:
                    copy.write_row((one.size, one.root, one.note, one.made_at))


def verify(database_url: str, checkpoint_every: int) -> None:
    """Run the verifier as a process of its own."""
    with TemporaryDirectory(prefix="motcua-benchmark-") as folder:
        variables = process_environment(
            database_url=database_url,
            key_file=Path(folder) / "keys.json",
            audit_anchor_directory=Path(folder) / "anchor",
            audit_origin=ORIGIN,
        )
        program = [sys.executable, "-m", "app.cli"]
        subprocess.run([*program, "keys", "init"], env=variables, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        sign(database_url, Path(folder), checkpoint_every)
        before = cpu_seconds()
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own module
            [*program, "audit", "verify", "--json"], env=variables, capture_output=True, check=False
        )
        seconds = time.perf_counter() - began
    verdict = json.load(io.BytesIO(done.stdout))
    if verdict["findings"]:
        raise RuntimeError(f"the log is not sound: {verdict['first']}")
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    told(
        f"motcua audit verify, {verdict['records']} records with {verdict['checkpoints']} checkpoints: "
        f"{verdict['records'] / seconds:.0f}/s, "
        f"{verdict['records'] / (cpu_seconds() - before):.0f} per second of CPU time, "
        f"at most {most / 1024:.0f} MB"
    )


def _named(records: int, partitions: int) -> str:
    return f"{records} records in {partitions} partitions"


def main() -> None:
    """Build both logs and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--partitions", type=int, nargs="+", default=[24], help="of the large log")
    parser.add_argument("--checkpoint-every", type=int, default=1_000, help="so many records")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each round of appends")
    arguments = parser.parse_args()
    make_postgres_folder()
    with running_postgres() as server_url:
        postgres = PostgresCopies(server_url)
        logs = [(SMALL, 1), *((arguments.records, partitions) for partitions in arguments.partitions)]
        names = [postgres.create() for _ in logs]
        urls = [postgres.url_of(name) for name in names]
        try:
            for url, (records, partitions) in zip(urls, logs, strict=True):
                began = time.perf_counter()
                migrate(url)
                build(url, records, partitions)
                told(f"built {_named(records, partitions)} in {time.perf_counter() - began:.0f} s")
                if records > SMALL:
                    verify(url, arguments.checkpoint_every)
                asyncio.run(questions(url, records))
            small, *large = asyncio.run(append_rates(urls, seconds=arguments.seconds))
            for (intents, ended), log in zip((small, *large), logs, strict=True):
                told(
                    f"{_named(*log)}: {intents:.0f} INTENTs/s, {small[0] / intents:.2f} times the time; "
                    f"{ended:.0f} whole lookups/s, {small[1] / ended:.2f} times the time"
                )
        finally:
            for name in names:
                postgres.drop(name)


if __name__ == "__main__":
    main()
