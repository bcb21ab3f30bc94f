"""Records that were there before get the index of whom they concern."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import command

from app.db.migrate import alembic_config, migrate
from tests.databases import sync_engine

PEOPLE = [bytes([person]) * 32 for person in range(3)]


def _record(sequence: int) -> dict[str, object]:
    subjects = [(PEOPLE[0], "head"), (PEOPLE[1], "member"), (PEOPLE[1], "member")][: sequence % 4]
    content = {"subjects": [{"ref": b64encode(ref).decode(), "role": role} for ref, role in subjects]}
    return {
        "sequence": sequence,
        "event_id": UUID(int=sequence),
        "leaf_hash": bytes(32),
        "record": json.dumps(content).encode(),
        "kind": "INTENT",
        "at": datetime(2026, 11, 24, tzinfo=UTC),
    }


def test_records_that_are_there_are_indexed(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    migrate(empty_database_url)
    command.downgrade(config, "0003")
    engine = sync_engine(empty_database_url)
    columns = (sa.Column("event_id", sa.Uuid), sa.Column("at", sa.DateTime))
    records = sa.Table("audit_record", sa.MetaData(), *columns, autoload_with=engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(records), [_record(sequence) for sequence in range(8)])
        connection.execute(sa.text("UPDATE audit_head SET size = 8"))
    command.upgrade(config, "0004")
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT sequence, ref, role FROM audit_subject ORDER BY 1, 3"))
        found = [(row.sequence, bytes(row.ref), row.role) for row in rows]
    engine.dispose()
    heads = [(sequence, PEOPLE[0], "head") for sequence in (1, 2, 3, 5, 6, 7)]
    members = [(sequence, PEOPLE[1], "member") for sequence in (2, 3, 6, 7)]
    assert found == sorted(heads + members, key=lambda row: (row[0], row[2]))
