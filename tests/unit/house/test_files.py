import re
from typing import Final

import pytest

from tests.unit.house.source_files import ROOT, project_files, shown

# Written so that no pattern finds itself in this file.
_INDEX_ADDRESS: Final = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|--(?:extra-)?index-url|--find[-]links|PIP_(?:EXTRA_)?INDEX_URL"
)
_MACHINE_PATH: Final = re.compile(r"(?<![\w.$}~/])/(?:work|home|root|Users|opt|mnt|media)/\w")
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _finds(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{shown(path)}: {found.group()}"
        for path in project_files()
        for found in pattern.finditer(path.read_bytes().decode("utf-8", errors="replace"))
    ]


def test_no_file_names_an_index_address() -> None:
    assert _finds(_INDEX_ADDRESS) == []


def test_no_file_names_a_path_of_some_machine() -> None:
    assert _finds(_MACHINE_PATH) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(_INDEX_ADDRESS, "-" + "-index-url https://x"), (_MACHINE_PATH, '"' + "/home" + '/someone"')],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def _anchors(markdown: str) -> set[str]:
    """Give the anchors that headings get where Markdown is shown."""
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in _HEADING.findall(markdown)
    }


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for document in project_files(".md"):
        for link in _LINK.findall(document.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = document.parent / name if name else document
            if not target.exists() or (
                anchor and target.is_file() and anchor not in _anchors(target.read_text(encoding="utf-8"))
            ):
                broken.append(f"{shown(document)}: {link}")
    assert broken == []


def test_the_project_has_the_documents_that_a_newcomer_looks_for() -> None:
    names = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "docs/settings.md")
    assert [name for name in names if not (ROOT / name).is_file()] == []


def test_decision_records_are_numbered_without_gaps_and_have_their_four_parts() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    parts = ["Context", "Decision", "Consequences", "Alternatives"]
    assert {
        path.name: found
        for path in records
        if (found := re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)) != parts
    } == {}
