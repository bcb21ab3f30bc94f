"""On PostgreSQL the log goes on in a new partition each month; nothing is lost, moved, changed or held up."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
import pytest

from app.db.audit_partitions import Cut, PartitionsRefusedError, begin_month
from app.db.engine import Database
from app.errors import AuditUnavailableError
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from tests.databases import PostgresCopies, begin_partition
from tests.unit.audit.events import assert_log_is_sound, make_intent, make_outcome, running_log
from tests.unit.audit.test_append_only import FORBIDDEN, refusal

pytestmark = pytest.mark.anyio

# Midnight in Vietnam is at 17:00 of the day before in UTC.
DECEMBER = datetime(2100, 11, 30, 17, 0, tzinfo=UTC)
STILL_NOVEMBER = datetime(2100, 11, 30, 16, 59, tzinfo=UTC)


@pytest.fixture
def url(postgres: PostgresCopies, migrated_postgres: str) -> Iterator[str]:
    name = postgres.create(template=migrated_postgres)
    postgres.restrict(name)
    yield postgres.url_of(name)
    postgres.drop(name)
    postgres.drop_role(name)


@dataclass
class Running:
    """A log that is appended to."""

    url: str
    database: Database
    audit: AuditLog

    async def append(self, lookups: int) -> None:
        intents = [make_intent() for _ in range(lookups)]
        await asyncio.gather(*map(self.audit.append, intents))
        await asyncio.gather(*(self.audit.append(make_outcome(intent)) for intent in intents))

    def records(self) -> dict[str, int]:
        """Count the records of each partition."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT tableoid::regclass::text FROM audit_record").fetchall()
        return dict(Counter(name for (name,) in found))


@pytest.fixture
async def running(url: str, sealer: Sealer) -> AsyncIterator[Running]:
    database = Database(url)
    async with running_log(database, sealer) as audit:
        yield Running(url, database, audit)
    await database.close()


async def test_each_month_has_a_partition_of_its_own(running: Running) -> None:
    await running.append(3)
    ((first, _),) = running.records().items()
    begun = begin_month(running.url, STILL_NOVEMBER)
    assert begun == Cut("audit_record_2100_11", first, 6)
    await running.append(2)
    assert begin_month(running.url, STILL_NOVEMBER) is None
    begun = begin_month(running.url, DECEMBER)
    assert begun == Cut("audit_record_2100_12", "audit_record_2100_11", 10)
    await running.append(1)
    assert running.records() == {first: 6, "audit_record_2100_11": 4, "audit_record_2100_12": 2}
    assert len(await assert_log_is_sound(running.database)) == 12


async def test_a_month_without_records_gets_no_partition_and_the_clock_does_not_go_back(
    running: Running,
) -> None:
    assert begin_month(running.url, STILL_NOVEMBER) is None
    await running.append(1)
    assert begin_month(running.url, DECEMBER) is not None
    assert begin_month(running.url, datetime(2101, 3, 1, tzinfo=UTC)) is None
    await running.append(1)
    assert begin_month(running.url, STILL_NOVEMBER) is None


async def test_appends_go_on_while_months_begin(running: Running) -> None:
    await running.append(1)
    months_begun = asyncio.Event()
    lookups = 1

    async def go_on() -> None:
        nonlocal lookups
        while not months_begun.is_set():
            await running.append(1)
            lookups += 1

    appending = asyncio.gather(*(go_on() for _ in range(4)))
    begun = [await asyncio.to_thread(begin_partition, running.url) for _ in range(4)]
    months_begun.set()
    await appending
    assert None not in begun
    assert len(running.records()) >= len(begun)
    assert len(await assert_log_is_sound(running.database)) == 2 * lookups


async def test_a_lookup_ends_once_though_a_month_has_begun_since(running: Running) -> None:
    intent = make_intent()
    begun = await running.audit.append(intent)
    begin_partition(running.url)
    await running.audit.append(make_outcome(intent), after=begun.sequence)
    begin_partition(running.url)
    for after in (begun.sequence, None):
        with pytest.raises(AuditUnavailableError):
            await running.audit.append(make_outcome(intent), after=after)
    assert len(await assert_log_is_sound(running.database)) == 2


async def test_within_a_partition_the_database_refuses_to_end_a_lookup_twice(running: Running) -> None:
    await running.append(1)
    begin_partition(running.url)
    await running.append(1)
    again = (
        "INSERT INTO audit_record (sequence, event_id, leaf_hash, record, kind, at, closes) "
        "SELECT 99, {}, leaf_hash, record, kind, at, {} FROM audit_record WHERE sequence = 3"
    )
    for event_id, closes in (("gen_random_uuid()", "closes"), ("event_id", "NULL")):
        with psycopg.connect(running.url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(again.format(event_id, closes).encode())


@pytest.mark.parametrize(
    "statement", [one for one in FORBIDDEN if "audit_record" in one] + ["TRUNCATE audit_record"]
)
async def test_each_partition_is_guarded_for_itself(running: Running, statement: str) -> None:
    await running.append(1)
    begin_partition(running.url)
    await running.append(1)
    partitions = running.records()
    assert len(partitions) == 2
    for name in partitions:
        told = refusal(running.url, statement.replace("audit_record", name))
        assert "the audit log is append-only" in told


async def test_the_services_role_appends_to_the_whole_and_reaches_no_partition(
    postgres: PostgresCopies, running: Running, sealer: Sealer
) -> None:
    name = running.url.rpartition("/")[2].partition("?")[0]
    role_url = postgres.url_of(name, role=name)
    await running.append(1)
    begin_partition(running.url)
    served = Database(role_url)
    async with running_log(served, sealer) as audit:
        await audit.append(make_intent())
    await served.close()
    assert list(running.records().values()) == [2, 1]
    for partition in running.records():
        for statement in (
            f"SELECT * FROM {partition}",  # noqa: S608 - our own names
            f"INSERT INTO {partition} DEFAULT VALUES",
            f"TRUNCATE {partition}",
        ):
            assert "permission denied" in refusal(role_url, statement)
    with pytest.raises(PartitionsRefusedError, match="as the owner of the tables"):
        begin_month(role_url, datetime(2101, 3, 1, tzinfo=UTC))


async def test_whoever_reads_for_long_is_waited_for_only_a_little(running: Running) -> None:
    await running.append(1)
    before = running.records()
    with psycopg.connect(running.url) as reading:
        reading.execute("SELECT count(*) FROM audit_record")
        with pytest.raises(PartitionsRefusedError, match="reading the log for long"):
            await asyncio.to_thread(begin_month, running.url, DECEMBER)
    await running.append(1)
    assert list(running.records()) == list(before)


def test_a_database_that_is_away_is_no_traceback() -> None:
    with pytest.raises(PartitionsRefusedError, match="cannot be reached"):
        begin_month("postgresql://u:hunter2@127.0.0.1:9/x", DECEMBER)


def test_sqlite_has_no_partitions() -> None:
    with pytest.raises(PartitionsRefusedError, match="SQLite"):
        begin_month("sqlite:///nowhere.db", DECEMBER)
