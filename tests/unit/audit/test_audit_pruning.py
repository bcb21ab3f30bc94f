"""Retention: the content goes, the proofs stay, and nothing goes without a record that says so."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from app.db import audit_tree
from app.db.audit_scan import opened_scan
from app.db.audit_tables import AuditRecord
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.merkle import verify_inclusion
from app.domain.retention import PRUNED
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.services.audit_pruning import AuditPruning, PruningPlan, PruningRefusedError
from app.services.audit_verification import Verdict, verify_log
from app.services.kept_notes import notes_of
from app.services.operator_audit import OperatorAuditLog
from tests.conftest import NOON
from tests.databases import PostgresCopies, begin_partition, tampering, tampering_within
from tests.processes import motcua
from tests.unit.audit.checkpointing import KEYS, ORIGIN, Notary
from tests.unit.audit.events import content_of, make_intent, make_outcome, rows_of, running_log

pytestmark = pytest.mark.anyio

OLD = datetime.fromisoformat("2024-02-01T05:00:00+00:00")
CUT = date(2024, 11, 1)
AFTER_THE_CUT = datetime.fromisoformat("2024-11-01T05:00:00+00:00")
RECENT = datetime.fromisoformat("2025-02-01T05:00:00+00:00")
OLD_LOOKUPS = 150
"""With two records each, enough for a stored hash over pruned records alone."""

ACROSS = 2 * OLD_LOOKUPS
"""Sequence of an INTENT of the last old day, whose OUTCOME came on the first day to keep."""


def events() -> list[AuditEvent]:
    """Make old lookups, one that ends on the first day to keep, and one from after it."""
    made: list[AuditEvent] = []
    for number in range(OLD_LOOKUPS):
        intent = make_intent(at=OLD + timedelta(minutes=number))
        made += [intent, make_outcome(intent)]
    across = make_intent(at=datetime.fromisoformat("2024-10-31T23:59:59+07:00"))
    made += [across, make_outcome(across, at=datetime.fromisoformat("2024-11-01T00:00:01+07:00"))]
    recent = make_intent(at=RECENT)
    return [*made, recent, make_outcome(recent, at=RECENT)]


def make_change(*, at: datetime, result: str, receipt_number: str | None) -> AuditEvent:
    return AuditEvent(
        kind=AuditKind.CHANGE,
        at=at,
        officer=None,
        agency="H24",
        client=None,
        source_address=None,
        receipt_number=receipt_number,
        result=result,
    )


@dataclass
class Kept:
    """A log with old records, its checkpoints, and whoever prunes it."""

    url: str
    database: Database
    audit: AuditLog
    sealer: Sealer
    notary: Notary
    now: datetime = NOON
    batch: int = 5_000

    @property
    def pruning(self) -> AuditPruning:
        audit = OperatorAuditLog(self.database, self.sealer, lambda: NOON, made_by="cli:operator")
        return AuditPruning(
            database=self.database,
            audit=audit,
            retention_months=24,
            clock=lambda: self.now,
            batch=self.batch,
        )

    async def prune(self, before: date = CUT) -> int:
        pruning = self.pruning
        return await pruning.carry_out(await pruning.plan(before))

    def verdict(self) -> Verdict:
        outside = notes_of(self.notary.anchor)
        with opened_scan(self.url) as scan:
            return verify_log(scan, outside, origin=ORIGIN, public_keys=KEYS.public_keys, now=NOON)

    def tamper(self, statement: str, **values: Any) -> str:
        with tampering(self.url) as connection:
            connection.execute(text(statement), values)
        verdict = self.verdict()
        assert not verdict.is_sound
        return verdict.first[0].what


@pytest.fixture
async def kept(database: Database, database_url: str, sealer: Sealer, tmp_path: Path) -> AsyncIterator[Kept]:
    notary = Notary(database, tmp_path / "anchor")
    async with running_log(database, sealer) as audit:
        for number, one in enumerate(events()):
            if number in {OLD_LOOKUPS - 1, ACROSS + 1}:
                # On PostgreSQL an INTENT and its OUTCOME are then in two partitions.
                await asyncio.to_thread(begin_partition, database_url)
            if number == ACROSS + 2:
                notary.now = AFTER_THE_CUT
                await notary.checkpoints.make()
                notary.now = NOON
            await audit.append(one)
        await notary.checkpoints.make()
        yield Kept(database_url, database, audit, sealer, notary)


async def test_old_content_goes_and_the_log_is_sound_as_before(kept: Kept) -> None:
    before = await rows_of(kept.database)
    assert await kept.prune() == 2 * OLD_LOOKUPS
    rows = await rows_of(kept.database)
    for old, row in zip(before, rows, strict=False):
        assert (row.sequence, row.leaf_hash, row.event_id, row.kind, row.at, row.agency) == (
            old.sequence,
            old.leaf_hash,
            old.event_id,
            old.kind,
            old.at,
            old.agency,
        )
        if row.sequence < 2 * OLD_LOOKUPS:
            assert row.record is None
            assert (row.officer, row.lookup_id, row.closes, row.result, row.procedure_code) == (None,) * 5
        else:
            assert (row.record, row.officer, row.lookup_id) == (old.record, old.officer, old.lookup_id)
    await kept.notary.checkpoints.make()
    verdict = kept.verdict()
    assert verdict.is_sound
    assert (verdict.pruned, verdict.open_lookups) == (2 * OLD_LOOKUPS, 0)


async def test_whom_old_records_concerned_goes_with_them(kept: Kept) -> None:
    await kept.prune()
    async with kept.database.read() as session:
        found = (
            await session.execute(text("SELECT sequence FROM audit_subject ORDER BY sequence"))
        ).scalars()
        assert found.all() == [ACROSS, ACROSS + 1, ACROSS + 2, ACROSS + 3]


async def test_a_lookup_that_ends_within_the_retention_keeps_its_intent(kept: Kept) -> None:
    await kept.prune()
    rows = await rows_of(kept.database)
    assert rows[ACROSS].kind == AuditKind.INTENT
    assert content_of(rows[ACROSS])["lookup_id"] == str(rows[ACROSS + 1].closes)


async def test_what_the_log_says_of_itself_stays(kept: Kept) -> None:
    await kept.audit.append(make_change(at=OLD, result="log-key-rotated", receipt_number=None))
    await kept.audit.append(
        make_change(at=OLD, result="case-registered", receipt_number="H24.15-240201-0001")
    )
    await kept.audit.append(make_change(at=NOON, result="log-key-rotated", receipt_number=None))
    kept.now = datetime.fromisoformat("2028-11-23T05:00:00+00:00")
    assert await kept.prune(date(2026, 11, 1)) == len(events()) + 1
    content = [(row.result, row.record is None) for row in (await rows_of(kept.database))[-4:]]
    assert content == [
        ("log-key-rotated", False),
        (None, True),
        ("log-key-rotated", False),
        (PRUNED, False),
    ]


async def test_proofs_of_pruned_records_hold(kept: Kept) -> None:
    leaves = [row.leaf_hash for row in await rows_of(kept.database)]
    async with kept.database.read() as session:
        root = await audit_tree.root_at(session, len(leaves))
    await kept.prune()
    async with kept.database.read() as session:
        for index in (0, 255, 256, 2 * OLD_LOOKUPS - 1):
            proof = await audit_tree.inclusion_proof(session, index, len(leaves))
            assert verify_inclusion(leaves[index], index, len(leaves), proof, root)


async def test_the_log_says_what_was_dropped_and_who_did_it(kept: Kept) -> None:
    await kept.prune()
    (last,) = (await rows_of(kept.database))[-1:]
    record = content_of(last)
    assert (last.kind, last.result) == ("CHANGE", PRUNED)
    assert record["details"] == {
        "before": "2024-11-01",
        "until": ACROSS + 1,
        "records": 2 * OLD_LOOKUPS,
        "made_by": "cli:operator",
    }


async def test_a_plan_changes_nothing(kept: Kept) -> None:
    before = [(row.sequence, row.record) for row in await rows_of(kept.database)]
    assert await kept.pruning.plan(CUT) == PruningPlan(CUT, ACROSS + 1, 2 * OLD_LOOKUPS)
    assert [(row.sequence, row.record) for row in await rows_of(kept.database)] == before


async def test_what_looks_through_the_whole_log_has_the_time_that_it_takes(kept: Kept) -> None:
    allowed: set[str] = set()

    def look(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        looks_through = statement.startswith("SELECT") and "FROM audit_record" in statement
        if looks_through and connection.dialect.name == "postgresql":
            allowed.add(str(connection.exec_driver_sql("SHOW statement_timeout").scalar()))

    event.listen(Engine, "before_cursor_execute", look)
    try:
        plan = await kept.pruning.plan(CUT)
        await kept.pruning.carry_out(plan)
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    assert allowed == ({"0"} if kept.url.startswith("postgresql") else set())


async def test_nothing_to_drop_leaves_no_record(kept: Kept) -> None:
    assert await kept.prune(date(2024, 1, 1)) == 0
    assert await kept.prune() == 2 * OLD_LOOKUPS
    size = len(await rows_of(kept.database))
    assert await kept.prune() == 0
    assert len(await rows_of(kept.database)) == size


@pytest.mark.parametrize("day", [date(2024, 11, 24), date(2026, 11, 23), date(2027, 1, 1)])
async def test_content_within_the_retention_is_kept(kept: Kept, day: date) -> None:
    before = len(await rows_of(kept.database))
    with pytest.raises(PruningRefusedError, match="since 2024-11-23 are kept for 24 months"):
        await kept.prune(day)
    assert len(await rows_of(kept.database)) == before


async def test_one_that_was_cut_off_is_gone_on_with_under_the_same_record(kept: Kept) -> None:
    # The first batch ends between an INTENT and its OUTCOME.
    kept.batch = 101
    seen = 0

    def cut_off(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal seen
        seen += statement.startswith("DELETE FROM audit_subject")
        if seen == 2:
            raise RuntimeError("cut off")

    event.listen(Engine, "before_cursor_execute", cut_off)
    try:
        with pytest.raises(RuntimeError, match="cut off"):
            await kept.prune()
    finally:
        event.remove(Engine, "before_cursor_execute", cut_off)
    assert sum(row.record is None for row in await rows_of(kept.database)) == 101
    assert kept.verdict().is_sound
    assert await kept.prune() == 2 * OLD_LOOKUPS - 101
    assert [row.result for row in await rows_of(kept.database)].count(PRUNED) == 1
    assert kept.verdict().is_sound


CLEAR = (
    "UPDATE audit_record SET record = NULL, lookup_id = NULL, lookup_kind = NULL, officer = NULL, "
    "client = NULL, procedure_code = NULL, receipt_number = NULL, result = NULL, closes = NULL "
    "WHERE sequence = :sequence"
)


async def test_content_that_goes_missing_without_a_record_is_found(kept: Kept) -> None:
    what = kept.tamper(CLEAR, sequence=4)
    assert what == "the content is missing, and no record says that it was pruned"


async def test_content_beyond_what_the_record_says_is_found(kept: Kept) -> None:
    await kept.prune()
    verdict_before = kept.verdict()
    assert verdict_before.is_sound
    with tampering(kept.url) as connection:
        for sequence in (ACROSS + 2, ACROSS + 3):
            connection.execute(text(CLEAR), {"sequence": sequence})
            connection.execute(text("DELETE FROM audit_subject WHERE sequence = :at"), {"at": sequence})
    verdict = kept.verdict()
    assert [(one.sequence, one.what) for one in verdict.first] == [
        (sequence, "the content is missing, and no record says that it was pruned")
        for sequence in (ACROSS + 2, ACROSS + 3)
    ]


NOT_PRUNED = "the content is missing, and no record says that it was pruned"
TO_BE_KEPT = "a pruning reached past it, and it is of a day that was to be kept"


def announcement(until: int, *, before: str = CUT.isoformat(), at: datetime = NOON) -> AuditEvent:
    """Make the record of a pruning as the owner of the tables could write it."""
    return AuditEvent(
        kind=AuditKind.CHANGE,
        at=at,
        officer=None,
        agency="H24",
        client=None,
        source_address=None,
        result=PRUNED,
        details={"before": before, "until": until, "records": 1, "made_by": "cli:operator"},
    )


def clear(url: str, *sequences: int, at: datetime | None = None) -> None:
    """Take the content of records away without dropping a guard, and give them another time if told to."""
    with tampering(url) as connection:
        for sequence in sequences:
            connection.execute(text(CLEAR), {"sequence": sequence})
            connection.execute(text("DELETE FROM audit_subject WHERE sequence = :at"), {"at": sequence})
            if at is not None:
                connection.execute(update(AuditRecord).where(AuditRecord.sequence == sequence).values(at=at))


async def test_an_old_day_is_no_excuse_for_a_later_record(kept: Kept) -> None:
    await kept.audit.append(announcement(ACROSS + 4))
    clear(kept.url, ACROSS + 2, ACROSS + 3)
    told = {(one.sequence, one.what) for one in kept.verdict().first}
    # It was there when the day began: only the time in it, which nobody can change, says of which day it is.
    assert (ACROSS + 1, TO_BE_KEPT) in told
    # These came when a checkpoint that others keep had been made already.
    assert {(ACROSS + 2, NOT_PRUNED), (ACROSS + 3, NOT_PRUNED)} <= told


async def test_records_that_came_after_a_kept_checkpoint_cannot_be_made_old(kept: Kept) -> None:
    await kept.audit.append(announcement(ACROSS + 4))
    clear(kept.url, *range(ACROSS + 4), at=OLD)
    assert [(one.sequence, one.what) for one in kept.verdict().first] == [
        (ACROSS + 2, NOT_PRUNED),
        (ACROSS + 3, NOT_PRUNED),
    ]


async def test_a_clock_that_is_set_ahead_does_not_end_a_retention(kept: Kept) -> None:
    kept.now = NOON + timedelta(days=800)
    assert await kept.prune(NOON.date()) == len(events())
    verdict = kept.verdict()
    assert {one.what for one in verdict.first} == {NOT_PRUNED}
    assert verdict.findings == len(events())


async def test_a_record_that_allows_itself_what_the_law_does_not_is_no_excuse(kept: Kept) -> None:
    await kept.audit.append(announcement(ACROSS + 4, before="2026-11-23"))
    kept.tamper(CLEAR, sequence=ACROSS + 3)
    told = {(one.sequence, one.what) for one in kept.verdict().first}
    assert (ACROSS + 3, "the content is missing, and no record says that it was pruned") in told


async def test_the_hash_of_a_pruned_record_cannot_be_changed_unseen(kept: Kept) -> None:
    await kept.prune()
    with tampering(kept.url) as connection:
        connection.execute(
            text("UPDATE audit_record SET leaf_hash = :leaf WHERE sequence = 3"), {"leaf": bytes(32)}
        )
    told = [one.what for one in kept.verdict().first]
    assert "a stored hash over the records 0 to 255 is not theirs" in told
    assert any("are not those that the checkpoint in" in what for what in told)


@pytest.mark.parametrize(("column", "value"), [("officer", "other"), ("result", "exists")])
async def test_nothing_can_be_written_into_a_pruned_record(kept: Kept, column: str, value: str) -> None:
    await kept.prune()
    what = kept.tamper(f"UPDATE audit_record SET {column} = :value WHERE sequence = 3", value=value)  # noqa: S608 - our own names
    assert what == "a pruned record still has columns of its content"


async def test_a_person_written_beside_a_pruned_record_is_found(kept: Kept) -> None:
    await kept.prune()
    what = kept.tamper(
        "INSERT INTO audit_subject (sequence, ref, role) VALUES (3, :ref, 'claimed')", ref=bytes(32)
    )
    assert what == "the table of persons concerned differs from the record"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET record = NULL WHERE sequence = 3",
        CLEAR.replace("record = NULL", "record = NULL, agency = 'H24.16'").replace(":sequence", "3"),
        CLEAR.replace("record = NULL, ", "").replace(":sequence", "3"),
        "DELETE FROM audit_subject WHERE sequence = 3",
    ],
)
async def test_the_database_lets_a_record_lose_all_of_its_content_or_nothing(
    kept: Kept, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with kept.database.write() as session:
            await session.execute(text(statement))


async def test_the_role_that_serves_may_not_prune(
    postgres: PostgresCopies, migrated_postgres: str, sealer: Sealer
) -> None:
    name = postgres.create(template=migrated_postgres)
    database = Database(postgres.restrict(name))
    try:
        audit = OperatorAuditLog(database, sealer, lambda: NOON, made_by="cli:operator")
        pruning = AuditPruning(database=database, audit=audit, retention_months=24, clock=lambda: NOON)
        with pytest.raises(PruningRefusedError, match="as the tables' owner"):
            await pruning.plan(CUT)
    finally:
        await database.close()
        postgres.drop(name)
        postgres.drop_role(name)


def prune_by_command(url: str, key_file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return motcua("audit", "prune", *arguments, said="n\n", database_url=url, key_file=str(key_file))


async def test_the_command_tells_asks_and_drops(kept: Kept, key_file: Path) -> None:
    there_is = f"{2 * OLD_LOOKUPS} records before 2024-11-01 have content to drop\n"
    told = prune_by_command(kept.url, key_file, "--before", "2024-11-01", "--dry-run")
    assert (told.returncode, told.stdout) == (0, there_is)
    declined = prune_by_command(kept.url, key_file, "--before", "2024-11-01")
    assert declined.returncode == 1
    assert all(row.record is not None for row in await rows_of(kept.database))
    done = prune_by_command(kept.url, key_file, "--before", "2024-11-01", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{there_is}dropped the content of {2 * OLD_LOOKUPS} records\n"
    assert kept.verdict().pruned == 2 * OLD_LOOKUPS
    refused = prune_by_command(kept.url, key_file, "--before", "2100-01-01", "--yes")
    assert refused.returncode == 2
    assert refused.stderr.startswith("motcua: nothing was dropped: records since")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:////nowhere/at/all.db", "unable to open database file"),
        ("postgresql://nobody@127.0.0.1:1/none", "Connection refused"),
    ],
)
def test_the_command_tells_why_the_database_would_not(url: str, reason: str, key_file: Path) -> None:
    refused = prune_by_command(url, key_file, "--before", "2024-11-01")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("motcua: nothing was dropped: ")
    assert refused.stderr.count("\n") == 1
    assert reason in refused.stderr


async def test_the_command_tells_of_a_pruning_that_was_broken_off(kept: Kept, key_file: Path) -> None:
    async with tampering_within(kept.database) as session:
        await session.execute(text("DELETE FROM audit_head"))
    broken_off = prune_by_command(kept.url, key_file, "--before", "2024-11-01", "--yes")
    assert broken_off.returncode == 2
    assert "nothing was dropped" not in broken_off.stderr
    assert "the pruning was broken off, and the same command goes on with it" in broken_off.stderr
