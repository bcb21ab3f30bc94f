"""Refuses a PostgreSQL database that is not kept in UTF-8."""

from typing import Any

from sqlalchemy import Engine, event

_UTF8 = "UTF8"


class WrongEncodingError(Exception):
    """The database cannot hold every letter; its words tell the operator what to do."""


def demand_utf8(engine: Engine) -> None:
    """Let each connection to another database fail, with a `WrongEncodingError`.

    PostgreSQL takes the encoding over from the locale in which its cluster was made. In SQL_ASCII, that of no
    locale at all, the driver gives bytes for text, and SQLAlchemy fails in its very first question.
    """

    @event.listens_for(engine, "connect", insert=True)
    def _look(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
        # Told by the server when it greets, so nothing is asked. Some poolers keep it to themselves.
        encoding = connection.info.parameter_status("server_encoding")
        if encoding not in {_UTF8, None}:
            raise WrongEncodingError(
                f"the database is kept in {encoding}, not in UTF8: make it anew with "
                "`createdb --encoding=UTF8 --locale=C.UTF-8 --template=template0`"
            )
