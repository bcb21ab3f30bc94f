import asyncio

import pytest
from sqlalchemy import delete, insert, text, update

from app.db import audit_tree
from app.db.audit_tables import AuditHead, AuditNode, AuditRecord
from app.db.audit_tree import AuditTreeBrokenError
from app.db.engine import Database
from app.domain.audit_event import AuditKind
from app.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from app.errors import AuditUnavailableError
from app.keys.sealing import Sealer
from tests.conftest import NOON
from tests.databases import tampering_within
from tests.unit.audit.events import make_intent, rows_of, running_log

pytestmark = pytest.mark.anyio

SIZES = (1, 2, 255, 256, 257, 300, 511, 512, 513, 600)


async def grow(database: Database, sealer: Sealer, count: int) -> list[bytes]:
    """Append this many records and return the leaf hashes of all."""
    async with running_log(database, sealer) as log:
        await asyncio.gather(*(log.append(make_intent()) for _ in range(count)))
    return [row.leaf_hash for row in await rows_of(database)]


async def test_each_size_has_the_root_of_its_leaves(database: Database, sealer: Sealer) -> None:
    async with database.read() as session:
        assert await audit_tree.frontier(session) == Frontier()
    for count in (1, 254, 45, 300):
        leaves = await grow(database, sealer, count)
        async with database.read() as session:
            tree = await audit_tree.frontier(session)
            assert (tree.size, tree.root) == (len(leaves), root_of(leaves))
    async with database.read() as session:
        for size in SIZES:
            assert await audit_tree.root_at(session, size) == root_of(leaves[:size])


async def test_stored_hashes_prove_records_and_growth(database: Database, sealer: Sealer) -> None:
    leaves = await grow(database, sealer, max(SIZES))
    roots = {size: root_of(leaves[:size]) for size in SIZES}
    async with database.read() as session:
        for size in SIZES:
            for index in {0, size // 2, size - 1}:
                proof = await audit_tree.inclusion_proof(session, index, size)
                assert verify_inclusion(leaves[index], index, size, proof, roots[size])
            for first in SIZES[: SIZES.index(size) + 1]:
                proof = await audit_tree.consistency_proof(session, first, size)
                assert verify_consistency(
                    first, size, proof, first_root=roots[first], second_root=roots[size]
                )


async def test_a_proof_in_a_large_log_needs_the_neighbours_of_two_places_a_level(database: Database) -> None:
    size = 65536 + 2 * 256 + 7
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(size)]
    tree, completed = Frontier().extended(leaves)
    # Of the records there are only those around the one to prove and at the log's end.
    needed = (*range(512, 768), *range(size - 7, size))
    async with database.write() as session:
        await session.execute(insert(AuditNode), audit_tree.stored_rows(completed))
        await session.execute(
            insert(AuditRecord),
            [
                {
                    "sequence": number,
                    "event_id": make_intent().event_id,
                    "leaf_hash": leaves[number],
                    "record": b"",
                    "kind": "INTENT",
                    "at": NOON,
                }
                for number in needed
            ],
        )
    async with database.read() as session:
        assert await audit_tree.root_at(session, size) == tree.root
        for index in (600, 512, size - 1):
            proof = await audit_tree.inclusion_proof(session, index, size)
            assert verify_inclusion(leaves[index], index, size, proof, tree.root)
        proof = await audit_tree.consistency_proof(session, 700, size)
        roots = {"first_root": root_of(leaves[:700]), "second_root": tree.root}
        assert verify_consistency(700, size, proof, **roots)


async def test_missing_hashes_are_found_and_not_guessed(database: Database, sealer: Sealer) -> None:
    await grow(database, sealer, 300)
    async with tampering_within(database) as session:
        await session.execute(delete(AuditNode))
    async with database.read() as session:
        with pytest.raises(AuditTreeBrokenError):
            await audit_tree.root_at(session, 300)
        with pytest.raises(AuditTreeBrokenError):
            await audit_tree.inclusion_proof(session, 3, 301)
        assert await audit_tree.root_at(session, 255)
        assert await audit_tree.root_at(session, 0) == EMPTY_ROOT


async def test_nothing_is_appended_to_a_head_that_was_changed(database: Database, sealer: Sealer) -> None:
    await grow(database, sealer, 3)
    async with database.write() as session:
        await session.execute(update(AuditHead).values(frontier=bytes(32)))
    async with running_log(database, sealer, timeout_seconds=0.2) as log:
        with pytest.raises(AuditUnavailableError):
            await log.append(make_intent())
    async with database.read() as session:
        with pytest.raises(AuditTreeBrokenError):
            await audit_tree.frontier(session)
        assert (await session.execute(text("SELECT count(*) FROM audit_record"))).scalar_one() == 3


async def test_nor_is_a_change_made_that_would_go_with_it(database: Database, sealer: Sealer) -> None:
    await grow(database, sealer, 3)
    async with database.write() as session:
        await session.execute(update(AuditHead).values(frontier=bytes(32)))
    change = make_intent(kind=AuditKind.CHANGE, lookup_id=None, subjects=(), purpose=None)
    async with running_log(database, sealer) as log:
        with pytest.raises(AuditUnavailableError) as refused:
            async with database.write() as session:
                await log.append_within(session, change)
        assert refused.value.retry_after_seconds
        with pytest.raises(AuditUnavailableError):
            async with database.write() as session:
                await session.run_sync(log.append_in, change)
    async with database.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM audit_record"))).scalar_one() == 3
