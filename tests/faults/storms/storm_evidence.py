"""What the verifier says of a log that somebody changed, and of a database put back to an older state."""

from collections.abc import Callable
from typing import Final

import pytest
from sqlalchemy import Connection, text

from tests.databases import PostgresCopies, tampering
from tests.faults.storms.invariants import verified
from tests.faults.storms.load import calling
from tests.faults.storms.world import World

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

_COLUMNS: Final = (
    "SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE table_name = :table"
)

_FIRST_LOOKUP: Final = (
    "SELECT begun.sequence, ended.sequence FROM audit_record AS begun JOIN audit_record AS ended"
    " ON ended.closes = begun.lookup_id WHERE begun.kind = 'INTENT' AND ended.kind = 'OUTCOME'"
    " ORDER BY begun.sequence LIMIT 1"
)


def first_lookup(connection: Connection) -> tuple[int, int]:
    """Tell the sequences of a lookup's INTENT and OUTCOME."""
    begun, ended = connection.execute(text(_FIRST_LOOKUP)).one()
    return begun, ended


def edited(connection: Connection) -> str:
    begun, _ = first_lookup(connection)
    connection.execute(
        text("UPDATE audit_record SET officer = 'other' WHERE sequence = :sequence"), {"sequence": begun}
    )
    return f"record {begun}: not as in the record: officer"


def content_edited(connection: Connection) -> str:
    begun, _ = first_lookup(connection)
    connection.execute(
        text(
            "UPDATE audit_record SET record = convert_to(regexp_replace(convert_from(record, 'UTF8'),"
            ' \'"officer":"[^"]*"\', \'"officer":"other"\'), \'UTF8\') WHERE sequence = :sequence'
        ),
        {"sequence": begun},
    )
    return f"record {begun}: the leaf hash is not that of the record"


def deleted(connection: Connection) -> str:
    begun, _ = first_lookup(connection)
    for table in ("audit_subject", "audit_record"):
        connection.execute(text(f"DELETE FROM {table} WHERE sequence = :sequence"), {"sequence": begun})  # noqa: S608 - ours
    return f"record {begun}: the record is missing"


def swapped(connection: Connection) -> str:
    """Swap a lookup's two records: those of two lookups of one person do not tell by themselves."""
    begun, ended = first_lookup(connection)
    for old, new in ((begun, -1), (ended, begun), (-1, ended)):
        connection.execute(
            text("UPDATE audit_record SET sequence = :new WHERE sequence = :old"), {"old": old, "new": new}
        )
    return f"record {begun}: the OUTCOME ends a lookup that was not open"


def inserted(connection: Connection) -> str:
    size = connection.execute(text("SELECT max(sequence) + 1 FROM audit_record")).scalar_one()
    columns = connection.execute(text(_COLUMNS), {"table": "audit_record"}).scalar_one().split(", ")
    taken = {"sequence": str(size), "event_id": "gen_random_uuid()", "closes": "NULL"}
    chosen = ", ".join(taken.get(column, column) for column in columns)
    source = "FROM audit_record WHERE sequence = 3"
    statement = f"INSERT INTO audit_record ({', '.join(columns)}) SELECT {chosen} {source}"
    connection.execute(text(statement))
    return f"record {size}"


def cut_tail(connection: Connection) -> str:
    for table in ("audit_subject", "audit_record"):
        connection.execute(
            text(f"DELETE FROM {table} WHERE sequence > (SELECT max(sequence) - 5 FROM audit_record)")  # noqa: S608 - ours
        )
    return "checkpoint"


TAMPERING: Final[dict[str, Callable[[Connection], str]]] = {
    "row edited": edited,
    "content edited": content_edited,
    "row deleted": deleted,
    "rows swapped": swapped,
    "row inserted": inserted,
    "tail cut": cut_tail,
}


async def some_load(world: World) -> None:
    service = world.service
    async with calling(service.base_url, service.token("receiver"), world.ledger, world.dice) as callers:
        for _ in range(20):
            await callers.look_up()
        await world.settle(callers)


async def test_what_was_tampered_with_is_found_and_named(world: World) -> None:
    await some_load(world)
    world.end()
    copies = PostgresCopies(world.postgres.url)
    for how, tamper in TAMPERING.items():
        name = copies.create(template="postgres")
        try:
            with tampering(copies.url_of(name)) as connection:
                named = tamper(connection)
            status, word = verified(world.environment(copies.url_of(name)))
        finally:
            copies.drop(name)
        world.note(f"log: {how}", 1, 0, 0, status, word)
        assert (how, status) == (how, 1)
        assert named in word, (how, word)


async def test_a_database_from_a_backup_is_not_taken_for_the_true_one(world: World) -> None:
    acknowledged = world.ledger.acknowledged
    await some_load(world)
    world.end()
    copies = PostgresCopies(world.postgres.url)
    backup = copies.create(template="postgres")
    try:
        before = verified(world.environment(copies.url_of(backup)))
        await some_load(world)
        world.end()
        status, word = verified(world.environment(copies.url_of(backup)))
        present = verified(world.environment())
    finally:
        copies.drop(backup)
    world.note(
        "database put back from a backup", 1, world.ledger.acknowledged - acknowledged, 0, status, word
    )
    assert (before[0], present[0], status) == (0, 0, 1)
