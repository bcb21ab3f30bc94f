"""A cluster that was made without a locale keeps its databases in SQL_ASCII."""

from collections.abc import Iterator

import psycopg
import pytest

from app.db.encoding import WrongEncodingError
from app.db.inspection import inspected
from app.db.migrate import migrate
from tests.databases import PostgresCopies


@pytest.fixture(params=["SQL_ASCII", "LATIN1"])
def encoding(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def url(postgres: PostgresCopies, encoding: str) -> Iterator[str]:
    name = postgres.create(encoding=encoding)
    yield postgres.url_of(name)
    postgres.drop(name)


def test_a_database_that_is_not_in_utf8_is_refused_and_not_changed(url: str, encoding: str) -> None:
    with pytest.raises(WrongEncodingError, match=f"kept in {encoding}, not in UTF8"):
        migrate(url)
    with psycopg.connect(url) as beside:
        assert beside.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_whoever_looks_at_it_is_told_the_same(url: str, encoding: str) -> None:
    with pytest.raises(WrongEncodingError, match=f"kept in {encoding}, not in UTF8"):
        inspected(url)
