"""Several questions in one trip, and what is sent with the commit: answers, what each sees, failures."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DataError

from app.db.audit_tables import AuditHead
from app.db.engine import Database
from app.db.pipelined import send_last
from app.db.pipelined_connection import PipelinedConnection
from app.db.tables import Base
from app.db.together import Question, answers_of, statement
from app.errors import ServiceUnavailableError
from tests.fault_proxy import fault_proxy

pytestmark = pytest.mark.anyio

_head = Base.metadata.tables[AuditHead.__tablename__]
_SIZE = Question(statement(lambda _: select(_head.c.size)), {})
_LOCKED_SIZE = Question(statement(lambda _: select(_head.c.size).with_for_update()), {})
_ONE_OF = statement(lambda one_of: select(_head.c.id).where(one_of(_head.c.id, "ids")))


def _asking(*questions: Question) -> Callable[[Connection], list[Any]]:
    return lambda connection: [[tuple(row) for row in rows] for rows in answers_of(connection, questions)]


@pytest.mark.parametrize("ids", [[], [1], [1, 2, 3], [2]])
async def test_each_question_has_its_answer(database: Database, ids: list[int]) -> None:
    answers = await database.append(_asking(_SIZE, Question(_ONE_OF, {"ids": ids}), _SIZE))
    assert answers == [[(0,)], [(1,)] if 1 in ids else [], [(0,)]]


async def test_a_single_question_is_answered_too(database: Database) -> None:
    assert await database.append(_asking(_LOCKED_SIZE)) == [[(0,)]]


async def test_they_are_asked_in_the_transaction(database: Database) -> None:
    def work(connection: Connection) -> list[Any]:
        connection.execute(text("UPDATE audit_head SET size = 7"))
        return _asking(_SIZE, _SIZE)(connection)

    assert await database.append(work) == [[(7,)], [(7,)]]


async def test_an_asynchronous_connection_is_asked_one_by_one(on_postgres: Database) -> None:
    async with on_postgres.read() as session:
        connection = await session.connection()
        assert await connection.run_sync(_asking(_SIZE, _SIZE)) == [[(0,)], [(0,)]]


async def test_what_comes_after_a_lock_sees_what_was_committed_while_it_was_waited_for(
    on_postgres: Database,
) -> None:
    is_locked, may_end = Event(), Event()

    def hold(connection: Connection) -> None:
        connection.execute(text("UPDATE audit_head SET size = 5"))
        is_locked.set()
        assert may_end.wait(10)

    holding = asyncio.create_task(on_postgres.append(hold))
    await asyncio.to_thread(is_locked.wait, 10)
    asking = asyncio.create_task(on_postgres.append(_asking(_LOCKED_SIZE, _SIZE)))
    async with on_postgres.read() as session:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not (await session.execute(waiting)).scalar_one():  # noqa: ASYNC110 - only the server can tell
            await asyncio.sleep(0.01)
    may_end.set()
    await holding
    assert await asking == [[(5,)], [(5,)]]


async def test_many_questions_are_one_trip(postgres_url: str) -> None:
    with fault_proxy(postgres_url) as (proxy, url):
        database = Database(url)
        await database.append(_asking(_SIZE))
        proxy.delay_seconds, proxy.trips = 0.05, 0
        await database.append(_asking(_LOCKED_SIZE, _SIZE, _SIZE))
        proxy.delay_seconds = 0
        await database.close()
    # The second is the commit.
    assert proxy.trips == 2


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_whichever_fails_fails_all_as_any_statement_does(on_postgres: Database, place: int) -> None:
    questions = [_SIZE, _SIZE]
    questions.insert(place, Question(statement(lambda _: select(func.sqrt(-1))), {}))
    with pytest.raises(DataError):
        await on_postgres.append(_asking(*questions))
    assert await on_postgres.append(_asking(_SIZE, _SIZE)) == [[(0,)], [(0,)]]


@pytest.mark.parametrize("place", [0, 1])
async def test_a_connection_lost_in_the_midst_is_an_outage_and_not_used_again(
    on_postgres: Database, place: int
) -> None:
    questions = [_SIZE, _SIZE]
    end = statement(lambda _: select(func.pg_terminate_backend(func.pg_backend_pid())))
    questions.insert(place, Question(end, {}))
    with pytest.raises(ServiceUnavailableError):
        await on_postgres.append(_asking(*questions))
    assert await on_postgres.append(_asking(_SIZE, _SIZE)) == [[(0,)], [(0,)]]


def _ending_with(change: str, **values: object) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        answers_of(connection, [_LOCKED_SIZE])
        connection.execute(text("UPDATE audit_head SET unclosed_from = 3"))
        send_last(connection, change, values)

    return work


async def _head_row(database: Database) -> tuple[int, int]:
    async with database.read() as session:
        row = (await session.execute(select(_head.c.size, _head.c.unclosed_from))).one()
    return row.size, row.unclosed_from


async def test_what_is_sent_last_is_committed_with_the_rest(on_postgres: Database) -> None:
    await on_postgres.append(_ending_with("UPDATE audit_head SET size = %(size)s", size=7))
    assert await _head_row(on_postgres) == (7, 3)


async def test_what_fails_at_the_last_fails_the_commit_and_all_before_it(on_postgres: Database) -> None:
    with pytest.raises(DataError):
        await on_postgres.append(_ending_with("UPDATE audit_head SET size = 1 / %(nothing)s", nothing=0))
    assert await _head_row(on_postgres) == (0, 0)
    assert await on_postgres.append(_asking(_SIZE, _SIZE)) == [[(0,)], [(0,)]]


async def test_a_connection_lost_at_the_last_is_an_outage_and_not_used_again(on_postgres: Database) -> None:
    with pytest.raises(ServiceUnavailableError):
        await on_postgres.append(_ending_with("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert await _head_row(on_postgres) == (0, 0)
    assert await on_postgres.append(_asking(_SIZE, _SIZE)) == [[(0,)], [(0,)]]


async def test_more_than_a_socket_takes_at_once_arrives(on_postgres: Database) -> None:
    much = "x" * 20_000_000

    def work(connection: Connection) -> list[int]:
        asked = text("SELECT length(:much), repeat('y', 20000000)")
        return [connection.execute(asked, {"much": much}).one()[0] for _ in range(2)]

    assert await on_postgres.append(work) == [len(much)] * 2


async def test_every_statement_is_in_one_transaction(on_postgres: Database) -> None:
    def work(connection: Connection) -> set[int]:
        own = text("SELECT pg_current_xact_id()::text::bigint")
        return {connection.execute(own).scalar_one() for _ in range(3)}

    first, second = await on_postgres.append(work), await on_postgres.append(work)
    assert len(first) == len(second) == 1
    assert first != second


def test_what_is_asked_before_the_pipeline_is_entered_is_begun_by_the_driver_alone(postgres_url: str) -> None:
    told: list[Any] = []
    with closing(PipelinedConnection.connect(postgres_url)) as connection:
        connection.add_notice_handler(told.append)
        connection.begin()
        connection.execute("SELECT 1")
    # PostgreSQL warns of a second BEGIN.
    assert not told
