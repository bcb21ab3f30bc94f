"""The number of a case's receipt (số biên nhận) and the code of the agency in it.

The patterns use `[0-9]` and `[A-Z]` only, so they mean the same to Python, pydantic and OpenAPI;
in Python use them with `re.fullmatch`, because `$` alone would let a last line break pass.
"""

import re
from datetime import date
from typing import Final

# First the form of QCVN 102:2016 (000.00.01.H24), then the one since 2020 (H24.15.01).
_AGENCY_CODE: Final = r"(?:[0-9]{3}(?:\.[0-9]{2,3}){2}\.[A-Z][0-9]{2}|[A-Z][0-9]{2}(?:\.[0-9]{1,3}){0,3})"

AGENCY_CODE_PATTERN: Final = f"^{_AGENCY_CODE}$"
# Also takes the form with an eight-digit day that central agencies use: such a number is no case of
# ours, which is for the one who looks it up to say.
RECEIPT_NUMBER_PATTERN: Final = f"^{_AGENCY_CODE}-(?:[0-9]{{6}}|[0-9]{{8}})-[0-9]{{4,8}}$"

_AGENCY_CODE_FORM: Final = re.compile(AGENCY_CODE_PATTERN)
_RECEIPT_NUMBER_FORM: Final = re.compile(RECEIPT_NUMBER_PATTERN)
_MAX_COUNTER: Final = 99_999_999


def is_agency_code(text: str) -> bool:
    """Tell whether the text has the form of an agency's code (mã định danh), old or new."""
    return _AGENCY_CODE_FORM.fullmatch(text) is not None


def is_receipt_number(text: str) -> bool:
    """Tell whether the text has the form of a receipt number."""
    return _RECEIPT_NUMBER_FORM.fullmatch(text) is not None


def format_receipt_number(agency_code: str, day: date, counter: int) -> str:
    """Write the number of the day's `counter`-th receipt, `<agency code>-<yyMMdd>-<NNNN>`.

    Args:
        agency_code: The agency that received the case.
        day: The day in Vietnam time.
        counter: Counted from 1 for each agency and day; five digits and more past 9999.

    Raises:
        ValueError: no agency code, or a counter below 1 or over 99,999,999.
    """
    if not is_agency_code(agency_code):
        raise ValueError("the agency code has an unknown form")
    if not 1 <= counter <= _MAX_COUNTER:
        raise ValueError("the counter is outside 1..99999999")
    return f"{agency_code}-{day:%y%m%d}-{counter:04d}"
