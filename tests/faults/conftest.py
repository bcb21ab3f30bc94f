"""What tests with real processes begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.databases import PostgresCopies


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database without tables, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'service.db'}"
        return
    postgres: PostgresCopies = request.getfixturevalue("postgres")
    name = postgres.create()
    yield postgres.url_of(name)
    postgres.drop(name)
