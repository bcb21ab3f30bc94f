import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect
from sqlalchemy.engine import Engine

from app.db.migrate import alembic_config, migrate
from tests.databases import sync_engine


def _tables(database_url: str) -> set[str]:
    engine = sync_engine(database_url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_migrations_give_the_schema_that_the_code_expects(empty_database_url: str) -> None:
    migrate(empty_database_url)
    # Raises when a model and the migrated schema differ.
    command.check(alembic_config(empty_database_url))


def test_migrations_can_be_taken_back_and_applied_again(empty_database_url: str) -> None:
    migrate(empty_database_url)
    before = _tables(empty_database_url)
    command.downgrade(alembic_config(empty_database_url), "base")
    assert _tables(empty_database_url) == {"alembic_version"}
    migrate(empty_database_url)
    assert _tables(empty_database_url) == before
    command.check(alembic_config(empty_database_url))


def test_each_migration_can_be_taken_back_by_itself(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    migrate(empty_database_url)
    for revision in ScriptDirectory.from_config(config).walk_revisions():
        command.downgrade(config, revision.down_revision or "base")  # type: ignore[arg-type] # no merges here
        command.upgrade(config, revision.revision)
        command.downgrade(config, revision.down_revision or "base")  # type: ignore[arg-type] # as above


def test_migrating_a_migrated_database_changes_nothing(empty_database_url: str) -> None:
    migrate(empty_database_url)
    before = _tables(empty_database_url)
    migrate(empty_database_url)
    assert _tables(empty_database_url) == before


def test_a_migration_that_is_cut_off_in_the_middle_leaves_nothing_and_can_be_begun_again(
    empty_database_url: str,
) -> None:
    def cut_off(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "CREATE TABLE case_file" in statement:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", cut_off)
    try:
        with pytest.raises(KeyboardInterrupt):
            migrate(empty_database_url)
    finally:
        event.remove(Engine, "before_cursor_execute", cut_off)
    assert _tables(empty_database_url) <= {"alembic_version"}
    migrate(empty_database_url)
    command.check(alembic_config(empty_database_url))


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1
