import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from app.db import audit_tree
from app.db.audit_tables import AuditCheckpoint, AuditHead, AuditNode, AuditRecord, AuditSubject
from app.db.checkpoints import StoredCheckpoint
from app.db.engine import Database
from app.domain.checkpoint import Checkpoint
from app.domain.merkle import Frontier
from app.errors import AuditUnavailableError, ServiceUnavailableError
from app.keys.log_keys import LogKeys, verified
from app.services.audit_log import AuditLog
from app.services.checkpoint_anchor import AnchoredCheckpoint, CheckpointAnchor
from app.services.checkpoint_patience import State
from app.services.checkpoints import NEW_KEY_PATIENCE, CheckpointRefusedError
from tests.conftest import NOON
from tests.databases import tampering_within
from tests.unit.audit.checkpointing import KEYS, ORIGIN, Notary, kept
from tests.unit.audit.events import make_intent, rows_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def notary(database: Database, tmp_path: Path) -> Notary:
    return Notary(database, tmp_path / "anchor")


async def grow(log: AuditLog, count: int) -> None:
    await asyncio.gather(*(log.append(make_intent()) for _ in range(count)))


async def test_a_checkpoint_signs_the_size_and_root_of_the_log_and_is_anchored(
    log: AuditLog, notary: Notary, database: Database
) -> None:
    await grow(log, 3)
    await notary.checkpoints.make()
    newest = await notary.checkpoints.newest()
    checkpoint = verified(newest.note, origin=ORIGIN, public_keys=KEYS.public_keys)
    tree, _ = Frontier().extended(row.leaf_hash for row in await rows_of(database))
    assert (checkpoint.size, checkpoint.root) == (newest.size, newest.root) == (3, tree.root)
    assert newest.made_at == NOON
    assert notary.anchored() == [newest.note]


async def test_an_empty_log_has_a_checkpoint_that_is_not_anchored(notary: Notary) -> None:
    with pytest.raises(ServiceUnavailableError):
        await notary.checkpoints.newest()
    await notary.checkpoints.make()
    assert (await notary.checkpoints.newest()).size == 0
    assert notary.anchored() == []


async def test_without_news_nothing_is_made(log: AuditLog, notary: Notary, database: Database) -> None:
    await grow(log, 2)
    for _ in range(3):
        await notary.checkpoints.make()
    await grow(log, 300)
    for _ in range(3):
        await notary.checkpoints.make()
    assert [row.size for row in await kept(database)] == [2, 302]
    assert notary.anchored() == [row.note for row in await kept(database)]


async def test_two_processes_agree_on_one_note_for_each_size(
    log: AuditLog, database_url: str, tmp_path: Path
) -> None:
    databases = [Database(database_url) for _ in range(2)]
    # Other keys than each other's, so that their notes of one size would differ.
    second = KEYS.rotated()
    one = Notary(databases[0], tmp_path / "anchor", keys=replace(KEYS, retired=second.public_keys[:1]))
    two = Notary(databases[1], tmp_path / "anchor", keys=second)
    for count in (1, 2, 3, 4, 5):
        await grow(log, count)
        await asyncio.gather(one.checkpoints.make(), two.checkpoints.make())
    notes = [row.note for row in await kept(databases[0])]
    assert [row.size for row in await kept(databases[0])] == [1, 3, 6, 10, 15]
    assert one.anchored() == two.anchored() == notes
    for database in databases:
        await database.close()


async def test_one_checkpoint_a_round_is_enough_for_all_processes(
    log: AuditLog, notary: Notary, database: Database, tmp_path: Path
) -> None:
    other = Notary(database, tmp_path / "elsewhere")
    for _ in range(5):
        await grow(log, 1)
        await notary.checkpoints.make(yields_to_others=True)
        await grow(log, 1)
        await other.checkpoints.make(yields_to_others=True)
    assert [row.size for row in await kept(database)] == [1, 2, 4, 6, 8, 10]
    # Each host has its own anchor, and all that anybody signed is in each.
    await notary.checkpoints.make(yields_to_others=True)
    assert notary.anchored() == other.anchored() == [row.note for row in await kept(database)]


async def test_an_anchor_that_begins_in_the_middle_of_a_log_is_told(
    log: AuditLog, notary: Notary, tmp_path: Path, logs: StringIO
) -> None:
    for _ in range(2):
        await grow(log, 1)
        await notary.checkpoints.make()
    assert "anchor-begun-late" not in logs.getvalue()
    # As after a restart without the file system on which the anchor lies.
    elsewhere = Notary(notary.database, tmp_path / "below the mount")
    await elsewhere.checkpoints.make()
    assert '"first_size": 1, "event": "anchor-begun-late"' in logs.getvalue()
    assert elsewhere.anchored() == notary.anchored()


async def test_what_could_not_be_anchored_is_anchored_later(
    log: AuditLog, notary: Notary, database: Database
) -> None:
    notary.folder.write_text("in the way")
    for _ in range(3):
        await grow(log, 1)
        with pytest.raises(OSError, match="anchor"):
            await notary.checkpoints.make()
    notary.folder.unlink()
    await notary.checkpoints.make()
    assert notary.anchored() == [row.note for row in await kept(database)]


async def cut_tail(database: Database) -> None:
    """Take the last record away, with its traces, as someone who knows the tables would."""
    leaves = [row.leaf_hash for row in await rows_of(database)][:-1]
    tree, _ = Frontier().extended(leaves)
    async with tampering_within(database) as session:
        for table in (AuditRecord, AuditSubject):
            await session.execute(delete(table).where(table.sequence == len(leaves)))
        await session.execute(
            update(AuditHead).values(size=len(leaves), frontier=audit_tree.packed(tree), unclosed_from=0)
        )


async def rewrite_first(database: Database) -> None:
    """Give the first record other content and build the whole tree anew."""
    rows = await rows_of(database)
    leaves = [rows[-1].leaf_hash, *(row.leaf_hash for row in rows[1:])]
    tree, completed = Frontier().extended(leaves)
    async with tampering_within(database) as session:
        await session.execute(
            update(AuditRecord).where(AuditRecord.sequence == 0).values(leaf_hash=leaves[0])
        )
        for node in audit_tree.stored_rows(completed):
            await session.execute(update(AuditNode).values(hash=node["hash"]))
        await session.execute(update(AuditHead).values(frontier=audit_tree.packed(tree)))


async def edit_leaf(database: Database) -> None:
    async with tampering_within(database) as session:
        await session.execute(
            update(AuditRecord).where(AuditRecord.sequence == 1).values(leaf_hash=bytes(32))
        )


async def edit_head(database: Database) -> None:
    async with tampering_within(database) as session:
        head = (await session.execute(text("SELECT frontier FROM audit_head"))).scalar_one()
        await session.execute(update(AuditHead).values(frontier=bytes(32) + bytes(head)[32:]))


async def delete_record(database: Database) -> None:
    async with tampering_within(database) as session:
        await session.execute(delete(AuditRecord).where(AuditRecord.sequence == 1))


async def forge_checkpoint(database: Database) -> None:
    (row,) = await kept(database)
    note = LogKeys.generate().sign(Checkpoint(ORIGIN, row.size, row.root))
    async with tampering_within(database) as session:
        await session.execute(update(AuditCheckpoint).values(note=note))


Tamper = Callable[[Database], Awaitable[None]]


@pytest.mark.parametrize("tamper", [cut_tail, rewrite_first, forge_checkpoint])
@pytest.mark.parametrize("grows", [True, False])
async def test_a_log_that_contradicts_a_checkpoint_is_never_signed(
    log: AuditLog, notary: Notary, database: Database, *, tamper: Tamper, grows: bool
) -> None:
    await grow(log, 300)
    await notary.checkpoints.make()
    await tamper(database)
    before = [(row.size, row.note) for row in await kept(database)]
    if grows:
        await grow(log, 5)
    for _ in range(2):
        with pytest.raises(CheckpointRefusedError):
            await notary.checkpoints.make()
    assert [(row.size, row.note) for row in await kept(database)] == before
    assert len(notary.anchored()) == 1


@pytest.mark.parametrize("tamper", [edit_leaf, edit_head, delete_record])
async def test_a_tree_that_is_not_that_of_the_records_is_never_signed(
    log: AuditLog, notary: Notary, database: Database, *, tamper: Tamper
) -> None:
    await grow(log, 3)
    await tamper(database)
    with pytest.raises(CheckpointRefusedError):
        await notary.checkpoints.make()
    assert await kept(database) == []


async def test_a_cut_log_is_found_by_the_anchor_when_its_checkpoints_were_cut_too(
    log: AuditLog, notary: Notary, database: Database
) -> None:
    await grow(log, 3)
    await notary.checkpoints.make()
    await grow(log, 1)
    await notary.checkpoints.make()
    await cut_tail(database)
    async with tampering_within(database) as session:
        await session.execute(delete(AuditCheckpoint).where(AuditCheckpoint.size == 4))
    with pytest.raises(CheckpointRefusedError, match="shorter"):
        await notary.checkpoints.make()
    # The log grows to the old size again, with another record.
    await grow(log, 1)
    with pytest.raises(CheckpointRefusedError, match="begin"):
        await notary.checkpoints.make()
    assert [row.size for row in await kept(database)] == [3]


async def test_lost_checkpoints_are_found_by_the_anchor(
    log: AuditLog, notary: Notary, database: Database
) -> None:
    await grow(log, 3)
    await notary.checkpoints.make()
    async with tampering_within(database) as session:
        await session.execute(delete(AuditCheckpoint))
    with pytest.raises(CheckpointRefusedError, match="lost"):
        await notary.checkpoints.make()
    assert await kept(database) == []


async def test_a_log_cannot_be_given_another_name(log: AuditLog, notary: Notary, tmp_path: Path) -> None:
    await grow(log, 1)
    await notary.checkpoints.make()
    await grow(log, 1)
    renamed = Notary(notary.database, tmp_path / "other", origin="other.example/audit")
    with pytest.raises(CheckpointRefusedError):
        await renamed.checkpoints.make()


def state_of(notary: Notary) -> State:
    return notary.patience.state


async def rounds(notary: Notary, count: int = 1) -> None:
    """Let the task beside the service make rounds, each as the one at its end."""
    stopping = asyncio.Event()
    stopping.set()
    for _ in range(count):
        await notary.checkpoints.run(stopping=stopping)


async def test_the_task_makes_checkpoints_and_a_last_one_at_its_end(
    log: AuditLog, notary: Notary, database: Database
) -> None:
    await grow(log, 1)
    stopping = asyncio.Event()
    running = asyncio.create_task(notary.checkpoints.run(stopping=stopping, pause_seconds=30))
    for _ in range(500):
        if notary.anchored():
            break
        await asyncio.sleep(0.01)
    await grow(log, 1)
    stopping.set()
    await running
    assert [row.size for row in await kept(database)] == [1, 2]
    assert len(notary.anchored()) == 2
    assert state_of(notary) == "current"


async def test_a_new_key_of_another_host_is_an_alert_only_when_it_stays_unknown(
    log: AuditLog, notary: Notary, tmp_path: Path, logs: StringIO
) -> None:
    await grow(log, 1)
    await rounds(notary)
    # The host that was restarted first has the new key file, and this one has not been restarted yet.
    restarted = Notary(notary.database, tmp_path / "other", keys=KEYS.rotated())
    await grow(log, 1)
    await rounds(restarted)
    await rounds(notary)
    assert state_of(notary) == "late"
    assert "checkpoint-refused" not in logs.getvalue()
    assert "not signed by a key of this log that this process has read" in logs.getvalue()
    # It hides nothing else: the anchor's checkpoint is of another log.
    other = Notary(notary.database, tmp_path / "third")
    other.anchor.append([StoredCheckpoint(5, bytes(32), KEYS.sign(Checkpoint(ORIGIN, 5, bytes(32))), NOON)])
    with pytest.raises(CheckpointRefusedError, match="shorter"):
        await other.checkpoints.make()
    notary.now += NEW_KEY_PATIENCE
    notary.seconds += 60
    await rounds(notary)
    assert "checkpoint-refused" in logs.getvalue()


async def test_lookups_stop_when_records_have_waited_longer_than_the_patience(
    log: AuditLog, notary: Notary, logs: StringIO
) -> None:
    await grow(log, 1)
    await rounds(notary)
    notary.folder.rename(notary.folder.with_name("away"))
    notary.folder.write_text("in the way")
    await grow(log, 2)
    notary.now = NOON + timedelta(hours=3)
    await rounds(notary)
    assert state_of(notary) == "late"
    notary.patience.refuse_if_over()
    assert '"checkpoint-failed"' in logs.getvalue()
    figures = notary.figures.exposition().decode()
    assert "motcua_audit_checkpoint_lag_seconds 10800.0" in figures
    notary.now = NOON + timedelta(hours=4, seconds=1)
    await rounds(notary)
    assert state_of(notary) == "refusing"
    with pytest.raises(AuditUnavailableError) as refused:
        notary.patience.refuse_if_over()
    assert refused.value.retry_after_seconds
    notary.folder.unlink()
    notary.folder.with_name("away").rename(notary.folder)
    await rounds(notary)
    assert state_of(notary) == "current"
    assert "motcua_audit_checkpoint_lag_seconds 0.0" in notary.figures.exposition().decode()


async def test_the_figures_tell_how_late_it_is_while_the_anchor_hangs(log: AuditLog, notary: Notary) -> None:
    hangs, goes_on = threading.Event(), threading.Event()

    class HangingAnchor(CheckpointAnchor):
        def newest(self) -> AnchoredCheckpoint | None:
            hangs.set()
            goes_on.wait()
            return super().newest()

    await grow(log, 1)
    notary.anchor = HangingAnchor(notary.folder)
    stopping = asyncio.Event()
    running = [
        asyncio.create_task(run(stopping=stopping, pause_seconds=0.01))
        for run in (notary.checkpoints.run, notary.patience.watch)
    ]
    try:
        await asyncio.to_thread(hangs.wait)
        notary.seconds = 301.0
        await told(notary, "motcua_audit_checkpoint_lag_seconds 301.0")
        assert state_of(notary) == "late"
        goes_on.set()
        await told(notary, "motcua_audit_checkpoint_lag_seconds 0.0")
    finally:
        goes_on.set()
        stopping.set()
        await asyncio.gather(*running)


async def told(notary: Notary, figure: str) -> None:
    async with asyncio.timeout(10):
        while figure not in notary.figures.exposition().decode():  # noqa: ASYNC110 - figures have no event
            await asyncio.sleep(0.01)


async def test_an_anchor_that_is_away_is_not_begun_anew_and_what_it_had_stays_covered(
    log: AuditLog, notary: Notary, database: Database
) -> None:
    await grow(log, 1)
    await rounds(notary)
    notary.folder.rename(notary.folder.with_name("away"))
    notary.now = NOON + timedelta(hours=3)
    await grow(log, 1)
    await rounds(notary)
    assert (state_of(notary), notary.folder.exists()) == ("late", False)
    assert "motcua_audit_checkpoint_lag_records 1.0" in notary.figures.exposition().decode()
    notary.folder.with_name("away").rename(notary.folder)
    await rounds(notary)
    assert (state_of(notary), len(notary.anchored())) == ("current", len(await kept(database)))


async def test_a_process_that_never_reached_its_anchor_counts_from_its_start(
    log: AuditLog, notary: Notary, database: Database
) -> None:
    await grow(log, 1)
    await rounds(notary)
    other = Notary(database, notary.folder.with_name("other"), now=NOON + timedelta(days=30))
    other.folder.write_text("in the way")
    await rounds(other)
    figures = other.figures.exposition().decode()
    assert state_of(other) == "late"
    assert "motcua_audit_checkpoint_lag_records 0.0" in figures
    await grow(log, 2)
    await rounds(other, 3)
    assert "motcua_audit_checkpoint_lag_records 2.0" in other.figures.exposition().decode()


async def test_rounds_that_never_end_count_as_failures(notary: Notary) -> None:
    notary.seconds = 61
    assert state_of(notary) == "late"
    notary.seconds = 4 * 3600 + 1
    assert state_of(notary) == "refusing"


async def test_a_contradiction_raises_the_alarm_and_says_what_is_wrong(
    log: AuditLog, notary: Notary, database: Database, logs: StringIO
) -> None:
    await grow(log, 3)
    await rounds(notary)
    await cut_tail(database)
    await rounds(notary, 2)
    alerts = [line for line in logs.getvalue().splitlines() if "checkpoint-refused" in line]
    assert len(alerts) == 1
    assert "the log is shorter than a checkpoint" in alerts[0]
