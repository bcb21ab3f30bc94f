"""Every kind of tampering by someone who owns the database is found and named."""

import asyncio
import json
import tracemalloc
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, text

from app.db.audit_scan import AuditScanError, opened_scan
from app.db.audit_tree import packed, stored_rows
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.checkpoint import Checkpoint
from app.domain.merkle import Frontier, leaf_hash
from app.keys.log_keys import LogKeys
from app.keys.sealing import Sealer
from app.services.audit_verification import Verdict, verify_log
from app.services.kept_notes import KeptNote, notes_of
from tests.conftest import NOON
from tests.databases import begin_partition, tampering
from tests.unit.audit.checkpointing import KEYS, ORIGIN, Notary
from tests.unit.audit.events import make_intent, make_outcome, running_log

pytestmark = pytest.mark.anyio

RECORDS = 600
"""Enough for stored hashes; the first half has a checkpoint of its own."""


@dataclass
class Log:
    """A log with two checkpoints, and the hands of someone who owns its database."""

    url: str
    outside: list[KeptNote]

    def verdict(self) -> Verdict:
        with opened_scan(self.url) as scan:
            return verify_log(
                scan, lambda: self.outside, origin=ORIGIN, public_keys=KEYS.public_keys, now=NOON
            )

    def tamper(self, work: Callable[[Connection], object]) -> Verdict:
        with tampering(self.url) as connection:
            work(connection)
        return self.verdict()

    def run(self, statement: str, **values: Any) -> Verdict:
        return self.tamper(lambda connection: connection.execute(text(statement), values))


def events() -> list[AuditEvent]:
    """Make lookups, each with its OUTCOME, of one or two persons."""
    made: list[AuditEvent] = []
    for number in range(RECORDS // 2):
        people = (Subject("claimed", f"1001900{number:05d}"),)
        intent = make_intent(subjects=people, at=NOON + timedelta(seconds=number))
        made += [intent, make_outcome(intent)]
    return made


@pytest.fixture
async def log(database: Database, database_url: str, sealer: Sealer, tmp_path: Path) -> Log:
    notary = Notary(database, tmp_path / "anchor")
    made = events()
    async with running_log(database, sealer) as audit:
        for half in (made[: RECORDS // 2], made[RECORDS // 2 :]):
            await asyncio.gather(*map(audit.append, half))
            await notary.checkpoints.make()
            # On PostgreSQL each half is in a partition of its own, and the last is empty.
            await asyncio.to_thread(begin_partition, database_url)
    return Log(database_url, list(notes_of(notary.anchor)()))


def signed(size: int, *, place: str = "outside") -> KeptNote:
    """Sign a checkpoint of other records than the log's."""
    return KeptNote(place, size, KEYS.sign(Checkpoint(ORIGIN, size, bytes(32))))


def named(verdict: Verdict) -> tuple[int | None, str]:
    """Return the first finding."""
    assert not verdict.is_sound
    assert verdict.findings >= len(verdict.first) >= 1
    return verdict.first[0].sequence, verdict.first[0].what


def rebuilt(connection: Connection) -> None:
    """Compute leaves, nodes and head anew, as someone who knows the tables would."""
    rows = connection.execute(text("SELECT sequence, record FROM audit_record ORDER BY sequence")).all()
    leaves = [leaf_hash(bytes(row.record)) for row in rows]
    for row, leaf in zip(rows, leaves, strict=True):
        connection.execute(
            text(
                "UPDATE audit_record SET leaf_hash = :leaf WHERE sequence = :sequence AND leaf_hash <> :leaf"
            ),
            {"leaf": leaf, "sequence": row.sequence},
        )
    tree, completed = Frontier().extended(leaves)
    connection.execute(text("DELETE FROM audit_node"))
    for node in stored_rows(completed):
        connection.execute(
            text("INSERT INTO audit_node (level, position, hash) VALUES (:level, :position, :hash)"), node
        )
    connection.execute(
        text("UPDATE audit_head SET size = :size, frontier = :hashes"),
        {"size": len(rows), "hashes": packed(tree)},
    )


def with_officer(connection: Connection, sequence: int, officer: str) -> None:
    """Put another officer into a record and its column."""
    (record,) = connection.execute(
        text("SELECT record FROM audit_record WHERE sequence = :sequence"), {"sequence": sequence}
    ).one()
    changed = bytes(record).replace(b'"officer":"receiver"', f'"officer":"{officer}"'.encode())
    assert changed != bytes(record)
    connection.execute(
        text("UPDATE audit_record SET record = :record, officer = :officer WHERE sequence = :sequence"),
        {"record": changed, "officer": officer, "sequence": sequence},
    )


async def test_a_sound_log_is_sound(log: Log) -> None:
    verdict = log.verdict()
    assert verdict == Verdict(RECORDS, 0, 4, 2, 0, 0, ())
    assert verdict.is_sound


async def test_an_empty_log_is_sound(database_url: str) -> None:
    assert Log(database_url, []).verdict() == Verdict(0, 0, 0, 0, 0, 0, ())
    assert Log(database_url, []).verdict().is_sound


async def test_records_that_nobody_has_signed_for_are_neither_sound_nor_tampered(
    database: Database, database_url: str, sealer: Sealer
) -> None:
    async with running_log(database, sealer) as audit:
        await audit.append(make_intent())
    verdict = Log(database_url, []).verdict()
    assert (verdict.is_unsigned, verdict.is_sound, verdict.findings, verdict.open_lookups) == (
        True,
        False,
        0,
        1,
    )


async def test_edited_bytes(log: Log) -> None:
    verdict = log.tamper(lambda connection: with_officer(connection, 7, "other"))
    assert named(verdict) == (7, "the leaf hash is not that of the record")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("officer", "other"),
        ("agency", "H24.16"),
        ("client", "portal"),
        ("kind", "ACCESS"),
        ("result", "not_found"),
        ("procedure_code", "1.000894"),
        ("receipt_number", "H24.15-261123-0001"),
        ("lookup_kind", "citizen-share"),
    ],
)
async def test_an_edited_column_is_named(log: Log, column: str, value: str) -> None:
    verdict = log.run(f"UPDATE audit_record SET {column} = :value WHERE sequence = 7", value=value)  # noqa: S608 - our own names
    assert named(verdict) == (7, f"not as in the record: {column}")


async def test_an_edited_time(log: Log) -> None:
    verdict = log.run(
        "UPDATE audit_record SET at = (SELECT at FROM audit_record WHERE sequence = 99) WHERE sequence = 7"
    )
    assert named(verdict) == (7, "not as in the record: at")


@pytest.mark.parametrize("column", ["event_id", "lookup_id"])
async def test_an_edited_id(log: Log, column: str) -> None:
    value = uuid4().hex if log.url.startswith("sqlite") else uuid4()
    verdict = log.run(f"UPDATE audit_record SET {column} = :value WHERE sequence = 6", value=value)  # noqa: S608 - our own names
    assert named(verdict) == (6, f"not as in the record: {column}")


async def test_record_and_leaf_and_tree_changed_together(log: Log) -> None:
    def rewrite(connection: Connection) -> None:
        with_officer(connection, 7, "other")
        rebuilt(connection)

    verdict = log.tamper(rewrite)
    assert verdict.findings == 4
    assert named(verdict)[1].startswith(
        "the first 300 records are not those that the checkpoint in the database"
    )
    places = {finding.what.split(" in ")[-1].split(" was")[0] for finding in verdict.first}
    assert any(place.startswith("checkpoints-2026") for place in places)


@pytest.mark.parametrize("sequences", [(100,), (100, 101, 102)])
async def test_records_deleted_in_the_middle(log: Log, sequences: tuple[int, ...]) -> None:
    listed = ", ".join(map(str, sequences))
    verdict = log.run(f"DELETE FROM audit_record WHERE sequence IN ({listed})")  # noqa: S608 - integers
    what = "the record is missing" if len(sequences) == 1 else "the records up to 102 are missing"
    assert named(verdict) == (100, what)


async def test_records_deleted_and_the_rest_moved_up(log: Log) -> None:
    def close_the_gap(connection: Connection) -> None:
        connection.execute(text("DELETE FROM audit_record WHERE sequence IN (100, 101)"))
        connection.execute(text("DELETE FROM audit_subject WHERE sequence IN (100, 101)"))
        for sequence in range(102, RECORDS):
            for table in ("audit_record", "audit_subject"):
                connection.execute(
                    text(f"UPDATE {table} SET sequence = sequence - 2 WHERE sequence = :sequence"),  # noqa: S608 - our own names
                    {"sequence": sequence},
                )
        rebuilt(connection)

    verdict = log.tamper(close_the_gap)
    assert any("the first 300 records are not those" in finding.what for finding in verdict.first)
    assert any("its tail was cut" in finding.what for finding in verdict.first)


async def test_swapped_records(log: Log) -> None:
    def swap(connection: Connection) -> None:
        for old, new in ((10, -1), (12, 10), (-1, 12)):
            for table in ("audit_record", "audit_subject"):
                connection.execute(
                    text(f"UPDATE {table} SET sequence = :new WHERE sequence = :old"),  # noqa: S608 - our own names
                    {"old": old, "new": new},
                )

    verdict = log.tamper(swap)
    assert named(verdict) == (11, "the OUTCOME ends a lookup that was not open")
    assert "a stored hash over the records 0 to 255 is not theirs" in [found.what for found in verdict.first]


async def test_an_inserted_record(log: Log) -> None:
    def insert(connection: Connection) -> None:
        connection.execute(
            text(
                "INSERT INTO audit_record (sequence, event_id, leaf_hash, record, kind, at) "
                "SELECT :size, :event, leaf_hash, record, kind, at FROM audit_record WHERE sequence = 0"
            ),
            {"size": RECORDS, "event": uuid4().hex if log.url.startswith("sqlite") else uuid4()},
        )

    assert named(log.tamper(insert)) == (RECORDS, "1 rows of audit_record are beyond the log's size")
    verdict = log.run("UPDATE audit_head SET size = size + 1")
    assert named(verdict)[0] == RECORDS


async def test_a_cut_tail_with_its_traces(log: Log) -> None:
    def cut(connection: Connection) -> None:
        for table in ("audit_record", "audit_subject"):
            connection.execute(text(f"DELETE FROM {table} WHERE sequence >= 400"))  # noqa: S608 - our own names
        connection.execute(text("DELETE FROM audit_checkpoint WHERE size > 400"))
        rebuilt(connection)

    verdict = log.tamper(cut)
    sequence, what = named(verdict)
    assert (sequence, verdict.findings) == (400, 1)
    assert what.startswith("the log ends before the checkpoint of size 600 in checkpoints-2026")
    # Without the checkpoint kept outside, nobody could tell.
    assert Log(log.url, []).verdict().is_sound


async def test_an_emptied_log(log: Log) -> None:
    def emptied(connection: Connection) -> None:
        for table in ("audit_record", "audit_subject", "audit_checkpoint"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
        rebuilt(connection)

    # As a service signs it at its first start.
    empty = KeptNote("the first day", 0, KEYS.sign(Checkpoint(ORIGIN, 0, Frontier().root)), NOON)
    log.outside.append(empty)
    verdict = log.tamper(emptied)
    assert (verdict.records, verdict.checkpoints) == (0, 3)
    assert [finding.what.partition(" in ")[0] for finding in verdict.first] == [
        f"the log ends before the checkpoint of size {size}" for size in (RECORDS // 2, RECORDS)
    ]
    assert Log(log.url, [empty]).verdict().is_sound


async def test_a_cut_tail_that_is_not_mended(log: Log) -> None:
    assert (
        named(log.run("DELETE FROM audit_record WHERE sequence >= 598"))[1]
        == "the records up to 599 are missing"
    )


async def test_a_changed_node_and_a_changed_head(log: Log) -> None:
    verdict = log.run("UPDATE audit_node SET hash = :hash WHERE level = 8 AND position = 1", hash=bytes(32))
    assert named(verdict) == (None, "a stored hash over the records 256 to 511 is not theirs")
    log.run("DELETE FROM audit_node WHERE position = 1")
    verdict = log.run("UPDATE audit_head SET frontier = :hashes", hashes=bytes(32 * RECORDS.bit_count()))
    assert [finding.what for finding in verdict.first] == [
        "a stored hash over the records 256 to 511 is not theirs",
        "the head's hashes are not those of the records",
    ]


async def test_a_node_too_many(log: Log) -> None:
    verdict = log.run("INSERT INTO audit_node (level, position, hash) VALUES (16, 5, :hash)", hash=bytes(32))
    assert named(verdict)[1] == "1 rows of audit_node are beyond the log's size"


@pytest.mark.parametrize("is_known", [False, True])
async def test_a_forged_note(log: Log, is_known: bool) -> None:
    checkpoint = Checkpoint(ORIGIN, 300, bytes(32))
    note = (KEYS if is_known else LogKeys.generate()).sign(checkpoint)
    verdict = log.run("UPDATE audit_checkpoint SET note = :note WHERE size = 300", note=note)
    assert named(verdict)[1] == (
        "the first 300 records are not those that the checkpoint in the database was signed for"
        if is_known
        else "the checkpoint of size 300 in the database is not signed by the log's keys"
    )


async def test_a_note_in_another_ones_place_is_held_against_the_records_all_the_same(log: Log) -> None:
    forged = KEYS.sign(Checkpoint(ORIGIN, 100, bytes(32)))
    verdict = log.run("UPDATE audit_checkpoint SET note = :note WHERE size = 300", note=forged)
    assert [finding.what for finding in verdict.first] == [
        "the checkpoint in the database stands for size 300 and says 100",
        "the first 100 records are not those that the checkpoint in the database was signed for",
    ]


async def test_checkpoints_kept_in_another_order_are_held_against_the_records_all_the_same(log: Log) -> None:
    log.outside.reverse()
    assert log.verdict().is_sound
    log.outside += [signed(size, place="another") for size in (400, 200)]
    verdict = log.verdict()
    assert (verdict.kept_outside, verdict.findings) == (4, 2)
    assert [finding.what for finding in verdict.first] == [
        f"the first {size} records are not those that the checkpoint in another was signed for"
        for size in (200, 400)
    ]


async def test_where_a_record_is_missing_no_checkpoint_is_blamed(log: Log) -> None:
    log.outside.append(signed(50))
    verdict = log.run("DELETE FROM audit_record WHERE sequence = 101")
    assert (verdict.checkpoints, verdict.findings) == (5, 1)
    assert named(verdict) == (101, "the record is missing")


async def test_a_verification_holds_few_checkpoints_however_many_there_are(
    database_url: str, log: Log
) -> None:
    def peak_bytes() -> int:
        tracemalloc.start()
        verdict = log.verdict()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert verdict.checkpoints == 4 + 2 * len(added)
        return peak

    added: list[KeptNote] = []
    few = peak_bytes()
    added = [signed(RECORDS + number) for number in range(1, 4_001)]
    log.outside += added
    with tampering(database_url) as connection:
        connection.execute(
            text(
                "INSERT INTO audit_checkpoint (size, root, note, made_at) VALUES (:size, :root, :note, :at)"
            ),
            [{"size": one.size, "root": bytes(32), "note": one.note, "at": str(NOON)} for one in added],
        )
    # Those of one place alone, kept as signed roots, would be 1 MB.
    assert peak_bytes() < few + 500_000


async def test_a_checkpoint_taken_from_the_table_is_no_harm_while_it_is_kept_outside(log: Log) -> None:
    verdict = log.run("DELETE FROM audit_checkpoint")
    assert (verdict.is_sound, verdict.checkpoints) == (True, 2)


async def test_another_root_beside_a_right_note(log: Log) -> None:
    verdict = log.run("UPDATE audit_checkpoint SET root = :root WHERE size = 300", root=bytes(32))
    assert named(verdict)[1] == "the root beside the checkpoint of size 300 is not the one signed"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_subject WHERE sequence = 7",
        "UPDATE audit_subject SET role = 'member' WHERE sequence = 7",
        "INSERT INTO audit_subject SELECT 7, ref, role FROM audit_subject WHERE sequence = 9",
    ],
)
async def test_hidden_or_added_persons(log: Log, statement: str) -> None:
    assert named(log.run(statement)) == (7, "the table of persons concerned differs from the record")


async def test_a_lookup_that_ends_twice_or_was_never_open(
    database: Database, database_url: str, sealer: Sealer
) -> None:
    intent = make_intent()
    async with running_log(database, sealer) as audit:
        await audit.append(intent)
        await audit.append(make_outcome(intent))
        await audit.append(make_outcome(make_intent()))
        await audit.append(make_intent(lookup_id=intent.lookup_id))
        await audit.append(make_intent(at=NOON + timedelta(hours=2)))
    verdict = Log(database_url, []).verdict()
    assert [(finding.sequence, finding.what) for finding in verdict.first] == [
        (2, "the OUTCOME ends a lookup that was not open"),
        (3, "the INTENT has neither OUTCOME nor ABANDONED"),
    ]


async def test_a_lookup_that_was_never_ended(database: Database, database_url: str, sealer: Sealer) -> None:
    async with running_log(database, sealer) as audit:
        for hours in (0, 1, 3):
            await audit.append(make_intent(at=NOON + timedelta(hours=hours)))
    verdict = Log(database_url, []).verdict()
    assert [finding.sequence for finding in verdict.first] == [0, 1]
    assert verdict.open_lookups == 3


async def test_a_record_of_another_form(log: Log) -> None:
    record = json.dumps({"kind": "INTENT"}).encode()

    def rewrite(connection: Connection) -> None:
        connection.execute(
            text("UPDATE audit_record SET record = :record, leaf_hash = :leaf WHERE sequence = 7"),
            {"record": record, "leaf": leaf_hash(record)},
        )

    assert named(log.tamper(rewrite)) == (7, "the record is not of our format")


async def test_findings_quote_nothing(log: Log) -> None:
    log.tamper(lambda connection: with_officer(connection, 7, "TRAN VAN BI"))
    verdict = log.run("UPDATE audit_record SET officer = 'TRAN VAN BI' WHERE sequence = 9")
    assert "BI" not in str(verdict)
    assert b64encode(UUID(int=0).bytes).decode() not in str(verdict)


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://nobody@127.0.0.1:1/none"])
async def test_a_database_that_cannot_be_read_is_no_verdict(url: str) -> None:
    with pytest.raises(AuditScanError, match="cannot be read"):
        Log(url, []).verdict()


async def test_abandoned_lookups_are_ended(database: Database, database_url: str, sealer: Sealer) -> None:
    async with running_log(database, sealer, now=NOON + timedelta(hours=2)) as audit:
        await audit.append(make_intent())
        await audit.sweep(NOON + timedelta(hours=1))
        await audit.append(make_intent(kind=AuditKind.DENIED, result="case-closed"))
    verdict = Log(database_url, []).verdict()
    assert (verdict.findings, verdict.open_lookups, verdict.records) == (0, 0, 3)
