import csv
from io import StringIO

import pytest

from app.schemas.csv_text import csv_text


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
