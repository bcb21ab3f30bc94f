"""The texts that the contract's shapes share. What passes is NFC, without control or bidi characters."""

import re
import unicodedata
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainSerializer

from app.domain.identity_number import IdentityNumber
from app.domain.partial_date import PartialDate
from app.domain.person_name import PersonName
from app.domain.receipt_number import AGENCY_CODE_PATTERN, RECEIPT_NUMBER_PATTERN
from app.domain.working_time import VIETNAM_TIME
from app.schemas.checked import Checked, refuse
from app.schemas.terms import term

MAX_NAME_LENGTH: Final = 200
MAX_URL_LENGTH: Final = 2_000

# Controls, bidirectional marks, line and paragraph separators, lone surrogates, byte order marks and
# noncharacters: they make a text lie about itself, or XML and PostgreSQL cannot carry them.
_FORBIDDEN: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
)
_NOT_IN_LINES: Final = re.compile(f"[{_FORBIDDEN}]")
_NOT_IN_A_LINE: Final = re.compile(f"[\t\n{_FORBIDDEN}]")
# Letters and symbols that show nothing: Hangul's fillers and Braille's empty cell.
_FILLERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Normalising is quadratic in a run of combining marks, so what is far too long is refused before it.
# A Vietnamese letter taken apart has at most three code points.
_RAW_FACTOR: Final = 4

_URL_CHARACTERS: Final = re.compile(r"[!-~]+")


def text(*, max_length: int, min_length: int = 1) -> Checked:
    """Annotate a line of text; blanks at its ends are cut off before it is measured."""
    return _text(_NOT_IN_A_LINE, max_length, min_length)


def multiline_text(*, max_length: int) -> Checked:
    """Annotate a text in which LF and TAB may stand; blanks at its ends are cut off before it is measured."""
    return _text(_NOT_IN_LINES, max_length, min_length=0)


BLANK_IS_NONE: Final = AfterValidator(lambda text: text or None)
"""For an optional text: forms send an empty one where nothing was written."""


def _text(forbidden: re.Pattern[str], max_length: int, min_length: int) -> Checked:
    def check(raw: str) -> str:
        if len(raw) > max_length * _RAW_FACTOR:
            refuse("too-long")
        if forbidden.search(raw):
            refuse("control-character")
        normal = unicodedata.normalize("NFC", raw).strip()
        if len(normal) > max_length:
            refuse("too-long")
        if not _shows_anything(normal):
            normal = ""
        if len(normal) < min_length:
            refuse("too-short")
        return normal

    return Checked(check, {"minLength": min_length, "maxLength": max_length})


def _shows_anything(text: str) -> bool:
    """Tell whether there is more in it than blanks, joiners, and marks that have nothing to stand on."""
    return any(
        sign not in _FILLERS and unicodedata.category(sign) not in {"Cc", "Cf", "Mc", "Me", "Mn", "Zs"}
        for sign in text
    )


def _full_name(raw: str) -> str:
    if not raw.strip():
        refuse("too-short")
    if _NOT_IN_A_LINE.search(raw):
        refuse("control-character")
    if len(raw) > MAX_NAME_LENGTH * _RAW_FACTOR:
        refuse("too-long")
    try:
        name = PersonName(raw)
    except ValueError:
        refuse("too-long" if len(unicodedata.normalize("NFC", raw)) > MAX_NAME_LENGTH else "invalid-name")
    # The register is asked in capitals, of which a letter such as ß has two.
    if len(name.upper) > MAX_NAME_LENGTH:
        refuse("too-long")
    return name.value


def _id_number(raw: str) -> str:
    try:
        return IdentityNumber(raw).value
    except ValueError:
        refuse("invalid-id-number")


def _birth_date(raw: str) -> str:
    try:
        return str(PartialDate.parse(raw))
    except ValueError:
        refuse("invalid-date")


def _https_url(raw: str) -> str:
    if len(raw) > MAX_URL_LENGTH:
        refuse("too-long")
    try:
        parts = urlsplit(raw)
        is_usable = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_usable = False
    # A user name in a link is how one host is made to look like another.
    if not is_usable or "@" in parts.netloc or not _URL_CHARACTERS.fullmatch(raw):
        refuse("invalid-url")
    return raw


FullName = Annotated[
    str,
    Checked(_full_name, {"minLength": 1, "maxLength": MAX_NAME_LENGTH}),
    term(
        "Full name as on the person's papers.",
        "họ, chữ đệm và tên",
        examples=["NGUYỄN THỊ MINH NGỌC"],
    ),
]
IdNumber = Annotated[
    str,
    Checked(_id_number, {"pattern": "^([0-9]{9}|[0-9]{12})$"}),
    term(
        "Personal identification number of 12 digits, or the old identity card number of 9.",
        "số định danh cá nhân hoặc số CMND",
        examples=["100190000001"],
    ),
]
BirthDate = Annotated[
    str,
    Checked(_birth_date, {"pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}),
    term(
        "Birth date, or only its year and month, or only its year.",
        "ngày, tháng, năm sinh",
        examples=["1990-07-30"],
    ),
]
ProcedureCode = Annotated[
    str,
    term("Code of the procedure.", "mã thủ tục", pattern=r"^[A-Za-z0-9._-]{1,40}$", examples=["1.004194"]),
]
AgencyCode = Annotated[
    str, term("Code of the agency.", "mã định danh cơ quan", pattern=AGENCY_CODE_PATTERN, examples=["H24.15"])
]
ReceiptNumber = Annotated[
    str,
    term(
        "Number printed on the receipt.",
        "số biên nhận",
        pattern=RECEIPT_NUMBER_PATTERN,
        examples=["H24.15-261123-0001"],
    ),
]
PurposeText = Annotated[
    str,
    multiline_text(max_length=500),
    term("Why the lookup is made, in words.", "mục đích tra cứu", examples=["Kiểm tra người nộp hồ sơ"]),
]
Note = Annotated[
    str,
    multiline_text(max_length=2_000),
    term("Note for colleagues.", "ghi chú", examples=["Bổ sung bản sao giấy khai sinh"]),
]
RelatedUrl = Annotated[
    str,
    Checked(_https_url, {"format": "uri", "pattern": "^https://", "maxLength": MAX_URL_LENGTH}),
    term(
        "Link to further information on the case.",
        "đường dẫn liên quan",
        examples=["https://example.vn/hs/1"],
    ),
]
VietnamTime = Annotated[
    datetime,
    PlainSerializer(
        lambda moment: moment.astimezone(VIETNAM_TIME).isoformat(),
        return_type=Annotated[str, Field(json_schema_extra={"format": "date-time"})],
        when_used="json",
    ),
]
"""Of answers: a moment, written with +07:00 whatever zone it is kept in."""


def unrepeated(key: Callable[[Any], Hashable] = lambda item: item) -> AfterValidator:
    """Annotate a list in which no item may stand twice; `key` says what makes two items the same."""

    def check(items: Sequence[Any]) -> Sequence[Any]:
        if len({key(item) for item in items}) != len(items):
            refuse("repeated")
        return items

    return AfterValidator(check)
