"""Asks the database several questions in one trip, in their order.

A trip costs more than its way: the thread that waits has to get the interpreter back, and on a busy machine
a core. A SQLite database is in the process, and SQLAlchemy's asynchronous connections cannot: they ask one
by one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Select,
    Update,
    any_,
    bindparam,
    event,
)
from sqlalchemy.engine.interfaces import ExecutionContext

_BESIDES: Final = "motcua_besides"

Rows = Sequence[Sequence[Any]]
Statement = Mapping[str, Select[Any]]
OneOf = Callable[[Column[Any], str], ColumnElement[bool]]


class Question(NamedTuple):
    """A statement that reads, and its values: such as the driver and the database take as they are."""

    statement: Statement
    values: Mapping[str, Any]


def statement(make: Callable[[OneOf], Select[Any]]) -> Statement:
    """Make a statement once for each kind of database.

    With what `make` is given it asks whether a column has one of the values of a parameter, a list.
    """
    return {"sqlite": make(_is_in), "postgresql": make(_is_any)}


def answers_of(connection: Connection, questions: Sequence[Question]) -> list[Rows]:
    """Return the rows of each question; each sees what was committed until the one before was answered."""
    dialect = connection.dialect
    if dialect.name == "sqlite" or dialect.is_async:
        return [connection.execute(asked[dialect.name], values).all() for asked, values in questions]
    (first, values), *others = questions
    besides = Besides([_spelled(other, dialect) for other in others])
    rows = connection.execute(first[dialect.name], values, execution_options={_BESIDES: besides}).all()
    return [rows, *besides.answers]


def answer_together(engine: Engine) -> None:
    """Let an engine of PostgreSQL for threads be asked by `answers_of`.

    What is asked besides goes out while SQLAlchemy executes the first statement, so that SQLAlchemy
    translates the failures of all.
    """

    @event.listens_for(engine, "do_execute")
    def _execute(cursor: Any, text: str, values: Any, context: Any) -> bool:  # noqa: ANN401 - a driver's
        besides = besides_of(context)
        if besides is None:
            return False
        with cursor.connection.pipeline():
            cursor.execute(text, values)
            besides.ask(cursor.connection)
        besides.hear()
        return True


@dataclass(slots=True)
class Besides:
    """What is asked in the trip of another statement, in the driver's own words, and what came of it."""

    asked: Sequence[tuple[str, dict[str, Any]]] = field(repr=False)
    answers: list[Rows] = field(default_factory=list, repr=False)
    _cursors: list[Any] = field(default_factory=list, repr=False)

    def ask(self, connection: Any) -> None:  # noqa: ANN401 - a driver's
        """Send it, on a connection that is in the driver's pipeline."""
        self._cursors = [connection.execute(*one) for one in self.asked]

    def hear(self) -> None:
        """Take the answers, once they are there."""
        self.answers = [cursor.fetchall() for cursor in self._cursors]


def besides_of(context: ExecutionContext) -> Besides | None:
    """Tell what `answers_of` wants to be asked besides the statement that is executed."""
    besides: Besides | None = context.execution_options.get(_BESIDES)
    return besides


def _spelled(question: Question, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    text, constants = written_out(question.statement[dialect.name], dialect)
    return text, {**constants, **question.values}


@lru_cache(maxsize=64)
def written_out(asked: Select[Any] | Update, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """Write a statement as the driver takes it, with the values that stand in it; the others are None."""
    compiled = asked.compile(dialect=dialect)
    return str(compiled), dict(compiled.params)


def _is_in(column: Column[Any], name: str) -> ColumnElement[bool]:
    return column.in_(bindparam(name, expanding=True))


def _is_any(column: Column[Any], name: str) -> ColumnElement[bool]:
    is_wanted: ColumnElement[bool] = column == any_(bindparam(name, type_=ARRAY(column.type)))
    return is_wanted
