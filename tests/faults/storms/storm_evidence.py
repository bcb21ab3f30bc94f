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


def edited(connection: Connection) -> str:
    connection.execute(text("UPDATE audit_record SET officer = 'other' WHERE sequence = 7"))
    return "record 7"


def content_edited(connection: Connection) -> str:
    connection.execute(
        text(
            "UPDATE audit_record SET record = convert_to(replace(convert_from(record, 'UTF8'),"
            ' \'"officer":"receiver"\', \'"officer":"receiver2"\'), \'UTF8\') WHERE sequence = 7'
        )
    )
    return "record 7"


def deleted(connection: Connection) -> str:
    connection.execute(text("DELETE FROM audit_subject WHERE sequence = 7"))
    connection.execute(text("DELETE FROM audit_record WHERE sequence = 7"))
    return "record 7"


def swapped(connection: Connection) -> str:
    for old, new in ((7, -1), (8, 7), (-1, 8)):
        connection.execute(
            text("UPDATE audit_record SET sequence = :new WHERE sequence = :old"), {"old": old, "new": new}
        )
    return "record 7"


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
