"""The database's address as SQLAlchemy needs it, also where it names several PostgreSQL servers."""

import re
from typing import Final
from urllib.parse import unquote

from sqlalchemy.engine import URL, make_url

_SEVERAL_SERVERS: Final = re.compile(r"(postgresql://(?:[^@]*@)?)([^/?@]*,[^/?@]*)(.*)", re.DOTALL)


def parsed_address(database_url: str) -> URL:
    """Read an address.

    `postgresql://user:password@a:5432,b:5432/name?target_session_attrs=read-write` is libpq's way to name
    servers of which the first that writes is taken; SQLAlchemy has another one.
    """
    several = _SEVERAL_SERVERS.fullmatch(database_url)
    if several is None:
        return make_url(database_url)
    before, servers, after = several.groups()
    hosts = [unquote(server) for server in servers.split(",")]
    return make_url(before + after).update_query_dict({"host": hosts})


def driver_address(database_url: str) -> URL:
    """Read the address of a PostgreSQL, for the driver that we use."""
    return parsed_address(database_url).set(drivername="postgresql+psycopg")
