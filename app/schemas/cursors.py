"""Cursors of lists: where the next page begins, opaque to callers.

A cursor is no secret and grants nothing: every list looks only at what its caller may see. It holds codes
and times, never personal data, because it stands in a URL.
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from app.schemas.terms import term

_VERSION: Final = "1"
_SEPARATOR: Final = "\n"

CURSOR_MAX_LENGTH: Final = 300
CURSOR_FORM: Final = {"pattern": "^[A-Za-z0-9_-]+$", "maxLength": CURSOR_MAX_LENGTH}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# Up to the year 2286: no database or calendar has trouble with such a time.
_MAX_DIGITS: Final = 16

NextCursor = Annotated[
    str | None, term("Cursor of the next page; null on the last.", "con trỏ trang tiếp theo")
]


class InvalidCursorError(ValueError):
    """The text is no cursor that we gave out."""


def encode_cursor(*parts: str) -> str:
    """Write a place in a list, given as texts of printable ASCII characters, as a cursor."""
    plain = _SEPARATOR.join((_VERSION, *parts))
    return base64.urlsafe_b64encode(plain.encode("ascii")).rstrip(b"=").decode("ascii")


def decode_cursor(cursor: str, *, parts: int) -> tuple[str, ...]:
    """Read a cursor that `encode_cursor` wrote of so many parts.

    Raises:
        InvalidCursorError: it was not written so. What the parts may be is the list's own to check.
    """
    if len(cursor) > CURSOR_MAX_LENGTH:
        raise InvalidCursorError("the cursor is too long")
    try:
        padding = "=" * (-len(cursor) % 4)
        plain = base64.b64decode((cursor + padding).encode("ascii"), altchars=b"-_", validate=True)
        version, *found = plain.decode("ascii").split(_SEPARATOR)
    except (binascii.Error, UnicodeError):
        raise InvalidCursorError("the cursor cannot be read") from None
    # Base64 has several spellings of the same bytes; only ours is one that we gave out.
    is_ours = version == _VERSION and encode_cursor(*found) == cursor
    if not is_ours or len(found) != parts or not all(part.isprintable() for part in found):
        raise InvalidCursorError("the cursor is of another form")
    return tuple(found)


def encode_time(moment: datetime) -> str:
    """Write a time from 1970 on as a part of a cursor, exactly."""
    return str((moment - _EPOCH) // _MICROSECOND)


def decode_time(part: str) -> datetime:
    """Read a time that `encode_time` wrote.

    Raises:
        InvalidCursorError: it was not written so.
    """
    if not (part.isascii() and part.isdigit() and len(part) <= _MAX_DIGITS):
        raise InvalidCursorError("a time in the cursor cannot be read")
    return _EPOCH + int(part) * _MICROSECOND
