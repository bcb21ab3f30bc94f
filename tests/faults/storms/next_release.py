"""Makes a release that comes after this one: the same code with one more column, and the migrations for it.

They are what an upgrade brings: a column that may be empty, an index made beside running work, a table.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from alembic.script import ScriptDirectory

from app.db.migrate import alembic_config
from tests.processes import process_environment
from tests.unit.house.source_files import ROOT

_MIGRATION: Final = '''"""{subject}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
{change}
'''
_CHANGES: Final = {
    "next_column": """    column = sa.Column("release", sa.String(20), server_default="old")
    op.add_column("case_file", column)""",
    # What an attempt that was cut off has left would be there and never be used.
    "next_index": """    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_case_file_release")
        op.create_index("ix_case_file_release", "case_file", ["release"], postgresql_concurrently=True)""",
    "next_table": '    op.create_table("release_note", sa.Column("id", sa.Integer, primary_key=True))',
}
_LAST_COLUMN: Final = "    version: Mapped[int] = mapped_column(Integer)\n\n\nclass CaseWord("
# Its own rows have nothing there; those of a release that does not know the column have the default.
_COLUMN: Final = '    release: Mapped[str | None] = mapped_column(String(20), server_default="old")\n'


def make_next_release(folder: Path) -> Path:
    """Write it into a folder of its own, and return that."""
    release = folder / "next"
    for name in ("app", "alembic"):
        shutil.copytree(ROOT / name, release / name)
    tables = release / "app" / "db" / "tables.py"
    text = tables.read_text(encoding="utf-8")
    assert text.count(_LAST_COLUMN) == 1
    head, _, tail = _LAST_COLUMN.partition("\n")
    tables.write_text(text.replace(_LAST_COLUMN, f"{head}\n{_COLUMN}{tail}"), encoding="utf-8")
    (before,) = ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()
    for revision, change in _CHANGES.items():
        _write(release, revision, before, change)
        before = revision
    return release


def _write(release: Path, revision: str, before: str, change: str) -> None:
    text = _MIGRATION.format(subject=revision, revision=revision, before=before, change=change)
    (release / "alembic" / "versions" / f"{revision}.py").write_text(text, encoding="utf-8")


def motcua(
    *arguments: str, release: Path = ROOT, database_url: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of a release on a database."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=release,
        env=process_environment(database_url=database_url, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
