from app.settings.settings import PREFIX, Settings, secret_settings
from tests.unit.house.settings_document import settings_tables
from tests.unit.house.source_files import ROOT


def _text() -> str:
    return (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_settings_document_has_every_setting_with_its_default_limits_and_meaning() -> None:
    tables = settings_tables()
    assert tables in _text()
    rows = [line for line in tables.splitlines() if line.startswith(f"| `{PREFIX}")]
    assert sorted(row.split("`")[1] for row in rows) == sorted(
        f"{PREFIX}{name.upper()}" for name in Settings.model_fields
    )


def test_the_settings_document_names_every_secret_that_a_file_can_hold() -> None:
    files = {f"`{PREFIX}{name}_file`".upper() for name in secret_settings()}
    assert {name for name in files if name not in _text()} == set()
