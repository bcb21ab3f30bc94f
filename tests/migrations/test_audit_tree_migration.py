"""A log that was begun before it had a tree gets the tree that it would have had."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command

from app.db.migrate import alembic_config, migrate
from app.domain.merkle import Frontier, leaf_hash
from tests.databases import sync_engine

LEAVES = [leaf_hash(str(sequence).encode()) for sequence in range(600)]


def _fill(engine: sa.Engine, sequences: list[int]) -> None:
    metadata = sa.MetaData()
    columns = (sa.Column("event_id", sa.Uuid), sa.Column("at", sa.DateTime))
    records = sa.Table("audit_record", metadata, *columns, autoload_with=engine)
    with engine.begin() as connection:
        connection.execute(
            sa.insert(records),
            [
                {
                    "sequence": sequence,
                    "event_id": UUID(int=sequence),
                    "leaf_hash": LEAVES[sequence],
                    "record": str(sequence).encode(),
                    "kind": "LOGIN",
                    "at": datetime(2026, 11, 24, tzinfo=UTC),
                }
                for sequence in sequences
            ],
        )
        connection.execute(sa.text("UPDATE audit_head SET size = :size"), {"size": len(LEAVES)})


def test_the_tree_grows_over_the_records_that_are_there(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    migrate(empty_database_url)
    command.downgrade(config, "0001")
    engine = sync_engine(empty_database_url)
    _fill(engine, list(range(len(LEAVES))))
    command.upgrade(config, "0002")
    tree, completed = Frontier().extended(LEAVES)
    with engine.connect() as connection:
        head = connection.execute(sa.text("SELECT size, frontier FROM audit_head")).one()
        nodes = connection.execute(sa.text("SELECT level, position, hash FROM audit_node ORDER BY position"))
        assert (head.size, bytes(head.frontier)) == (len(LEAVES), b"".join(tree.hashes))
        assert [(row.level, row.position, bytes(row.hash)) for row in nodes] == [
            node for node in completed if node.level == 8
        ]
    engine.dispose()


def test_a_log_with_a_gap_is_not_migrated(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    migrate(empty_database_url)
    command.downgrade(config, "0001")
    engine = sync_engine(empty_database_url)
    _fill(engine, [sequence for sequence in range(len(LEAVES)) if sequence != 77])
    with pytest.raises(RuntimeError, match="gap"):
        command.upgrade(config, "0002")
    assert "audit_node" not in sa.inspect(engine).get_table_names()
    engine.dispose()
