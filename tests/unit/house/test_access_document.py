from tests.unit.house.access_document import BEGIN, END, with_table
from tests.unit.house.source_files import ROOT


def test_the_committed_table_is_the_one_that_the_policy_decides_by() -> None:
    committed = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    assert BEGIN in committed
    assert END in committed
    assert committed == with_table(committed), "who may do what changed: make openapi"
