import csv
from io import StringIO

import pytest

from app.schemas.csv_text import csv_text, prefers_csv


def test_vietnamese_and_separators_come_back_as_they_were() -> None:
    written = csv_text(("tên", "số"), [('Nguyễn, "Ngọc"', 7), ("hai\ndòng", -1)])
    assert written.encode().startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(StringIO(written.removeprefix("\ufeff"), newline=""))) == [
        ["tên", "số"],
        ['Nguyễn, "Ngọc"', "7"],
        ["hai\ndòng", "-1"],
    ]
    assert written.endswith("\r\n")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_no_text_begins_a_formula(cell: str) -> None:
    (row,) = csv.reader(StringIO(csv_text(("a",), [(cell,)]).split("\r\n", 1)[1], newline=""))
    assert row == [f"'{cell}"]


@pytest.mark.parametrize(
    ("accept", "is_csv"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", False),
        ("text/csv", True),
        ("text/csv;q=0.5, application/json", False),
        ("application/json;q=0.5, TEXT/CSV ; charset=utf-8 ; q=0.9", True),
        ("text/csv;q=0", False),
        ("text/csv;q=x", False),
        ("text/html, text/csv", True),
    ],
)
def test_csv_is_given_to_those_who_prefer_it(accept: str | None, is_csv: bool) -> None:
    assert prefers_csv(accept) is is_csv
