from app.settings.settings import PREFIX, secret_settings
from tests.unit.house.settings_document import setting_rows
from tests.unit.house.source_files import ROOT


def _text() -> str:
    return (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_settings_document_has_every_setting_with_its_default_limits_and_meaning() -> None:
    rows = [line for line in _text().splitlines() if line.startswith("| `MOTCUA_")]
    assert rows == setting_rows()


def test_the_settings_document_names_every_secret_that_a_file_can_hold() -> None:
    files = {f"`{PREFIX}{name}_file`".upper() for name in secret_settings()}
    assert {name for name in files if name not in _text()} == set()
