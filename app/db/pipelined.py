"""Engines of PostgreSQL on which a transaction waits as often as it has questions, and once for its end.

BEGIN goes out with the first question, and what `send_last` sends with the COMMIT. While an append waits,
all others wait for the head that it holds.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

from app.db.together import besides_of

_LAST: Final = "motcua_last"


def keep_pipelined(engine: Engine) -> None:
    """Let an engine's connections stay in the driver's pipeline, and each statement be answered at once."""

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, args: Any, settings: Any) -> Any:  # noqa: ANN401 - the driver's
        # Here, because the driver takes long to import, and on SQLite nobody needs it.
        from app.db.pipelined_connection import PipelinedConnection  # noqa: PLC0415

        return PipelinedConnection.connect(*args, **settings)

    @event.listens_for(engine, "connect")
    def _enter(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
        connection.stay_in_pipeline()

    @event.listens_for(engine, "do_execute")
    def _execute(cursor: Any, text: str, values: Any, context: Any) -> bool:  # noqa: ANN401 - the driver's
        cursor.connection.begin()
        cursor.execute(text, values)
        if besides := besides_of(context):
            besides.ask(cursor.connection)
        if _LAST not in context.execution_options:
            cursor.connection.answered()
        if besides:
            besides.hear()
        return True


def send_last(connection: Connection, text: str, values: Mapping[str, Any]) -> None:
    """Execute a change without a word on what came of it: on a pipelined connection the COMMIT tells that."""
    connection.exec_driver_sql(text, values, {_LAST: True})
