import re
from typing import Final

from tests.unit.house.source_files import ROOT

_TEST: Final = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
_ROW: Final = re.compile(r"^\| (API\d+|V\d+|SEC\d+) ", re.MULTILINE)
TEXT: Final = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_test_that_the_document_names_exists() -> None:
    named = _TEST.findall(TEXT)
    assert len(named) == TEXT.count("`tests/")
    missing = []
    for path, test in named:
        file = ROOT / path
        code = file.read_text(encoding="utf-8") if file.is_file() else ""
        # A file that is named alone must have tests, too: a helper shows nothing.
        wanted = test or r"test_\w+"
        if not re.search(rf"^\s*(?:async )?def {wanted}\(", code, re.MULTILINE):
            missing.append(f"{path}::{test}")
    assert missing == []


def test_every_item_of_the_three_lists_has_its_row() -> None:
    wanted = [
        f"{name}{number}"
        for name, last in (("API", 10), ("V", 17), ("SEC", 7))
        for number in range(1, last + 1)
    ]
    assert _ROW.findall(TEXT) == wanted


def test_every_row_names_a_test_that_shows_it() -> None:
    # V17 is about WebRTC, which there is none of.
    rows = [line for line in TEXT.splitlines() if _ROW.match(line) and not line.startswith("| V17 ")]
    assert [line for line in rows if not _TEST.search(line)] == []
