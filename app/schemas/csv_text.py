"""Tables as CSV that spreadsheet programs open rightly: Vietnamese intact, and no cell that is a formula."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

MEDIA_TYPE: Final = "text/csv"

# Without it Excel takes UTF-8 for the machine's own old code page.
_BYTE_ORDER_MARK: Final = "\ufeff"
# What a spreadsheet program takes for the beginning of a formula (OWASP, "CSV Injection").
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """Write a table as RFC 4180 has it; a text that would be a formula gets an apostrophe before it."""
    out = StringIO()
    out.write(_BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
