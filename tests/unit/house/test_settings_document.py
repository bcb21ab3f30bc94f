from tests.unit.house.settings_document import setting_rows
from tests.unit.house.source_files import ROOT


def test_the_settings_document_has_every_setting_with_its_default_limits_and_meaning() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `MOTCUA_")]
    assert rows == setting_rows()
