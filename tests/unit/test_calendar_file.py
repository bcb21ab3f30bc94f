from datetime import date
from pathlib import Path

import pytest

from app.commands.calendar_file import CalendarFileError, read_calendar_file
from app.domain.day_override import NamedDay

GOOD = "day,kind,name\n2027-02-03,off,Nghỉ Tết\n2027-02-20,working,Làm bù\n"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "notice.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("content", [GOOD, "\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD.rstrip()])
def test_a_notice_is_read_as_spreadsheets_write_it(tmp_path: Path, content: str) -> None:
    assert read_calendar_file(written(tmp_path, content)) == (
        NamedDay(date(2027, 2, 3), is_working=False, name="Nghỉ Tết"),
        NamedDay(date(2027, 2, 20), is_working=True, name="Làm bù"),
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "line 1: the columns are day,kind,name"),
        ("2027-02-03,off,Nghỉ\n", "line 1: the columns"),
        (GOOD + "2027-02-03,off,Nghỉ\n", "line 4: the day comes twice"),
        (GOOD + "2027-02-30,off,Nghỉ\n", "line 4: a day is written YYYY-MM-DD"),
        (GOOD + "20270203,off,Nghỉ\n", "line 4: a day is written YYYY-MM-DD"),
        (GOOD + "2019-01-01,off,Nghỉ\n", "line 4: the calendar has the years 2020 to 2040"),
        (GOOD + "2027-02-04,maybe,Nghỉ\n", "line 4: the kind is off or working"),
        (GOOD + "2027-02-04,off\n", "line 4: a line has 3 columns"),
        (GOOD + "\n", "line 4: a line has 3 columns"),
        (GOOD + "2027-02-04,off, \n", "line 4: a name has 1 to 200 characters"),
        (GOOD + f"2027-02-04,off,{'x' * 201}\n", "line 4: a name has 1 to 200 characters"),
        (GOOD + "2027-02-04,off,a\u202eb\n", "line 4: a name has 1 to 200 characters"),
        (GOOD + '2027-02-04,off,"open\n', "not a CSV file in UTF-8"),
        (GOOD.encode("utf-16"), "not a CSV file in UTF-8"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(CalendarFileError, match=reason):
        read_calendar_file(written(tmp_path, content))


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    day = date(2027, 1, 1).toordinal()
    lines = [f"{date.fromordinal(day + offset)},off,Nghỉ\n" for offset in range(1_001)]
    with pytest.raises(CalendarFileError, match="more than 1000 days"):
        read_calendar_file(written(tmp_path, "day,kind,name\n" + "".join(lines)))
    assert len(read_calendar_file(written(tmp_path, "day,kind,name\n" + "".join(lines[:-1])))) == 1_000


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CalendarFileError, match="not a CSV file"):
        read_calendar_file(tmp_path)
