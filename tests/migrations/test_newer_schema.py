"""A release on the schema of a later one: it works as long as what it uses is there."""

import pytest
from sqlalchemy import text

from app.db.migrate import SchemaTooNewError, migrate
from tests.databases import sync_engine

EXPANDED = (
    "CREATE TABLE later (id INTEGER PRIMARY KEY, agency_code VARCHAR(40) REFERENCES agency (code))",
    "ALTER TABLE agency ADD COLUMN later VARCHAR(20)",
    "ALTER TABLE agency ADD COLUMN is_later INTEGER DEFAULT 0 NOT NULL",
    "CREATE INDEX ix_agency_later ON agency (name)",
    "CREATE UNIQUE INDEX uq_agency_later ON agency (code, later)",
)


def make_newer(database_url: str, *statements: str) -> None:
    """Do what the migrations of a later release would."""
    engine = sync_engine(database_url)
    with engine.begin() as connection:
        for statement in (*statements, "UPDATE alembic_version SET version_num = 'later'"):
            connection.execute(text(statement))
    engine.dispose()


def test_a_schema_that_only_got_more_is_left_as_it_is(empty_database_url: str) -> None:
    assert migrate(empty_database_url) is False
    make_newer(empty_database_url, *EXPANDED)
    assert migrate(empty_database_url) is True
    engine = sync_engine(empty_database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [("later",)]
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER TABLE case_file DROP COLUMN supplement_requests", "case_file.supplement_requests"),
        ("ALTER TABLE agency RENAME COLUMN name TO title", "agency.name, agency.title"),
        ("DROP TABLE used_assertion", "used_assertion"),
        ("CREATE UNIQUE INDEX uq_later ON case_file (procedure_code)", "case_file.uq_later"),
    ],
)
def test_what_was_taken_away_is_named(empty_database_url: str, statement: str, named: str) -> None:
    migrate(empty_database_url)
    make_newer(empty_database_url, *EXPANDED, statement)
    with pytest.raises(SchemaTooNewError) as refusal:
        migrate(empty_database_url)
    assert f"uses ({named}" in str(refusal.value)


def test_a_changed_type_is_named(empty_database_url: str) -> None:
    migrate(empty_database_url)
    drop, add = "ALTER TABLE case_file DROP COLUMN supplement_requests", "ALTER TABLE case_file ADD COLUMN"
    make_newer(empty_database_url, drop, f"{add} supplement_requests VARCHAR(5) DEFAULT '0' NOT NULL")
    with pytest.raises(SchemaTooNewError, match=r"case_file\.supplement_requests"):
        migrate(empty_database_url)
