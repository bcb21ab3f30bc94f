"""Lists in the order of a key, which is what a cursor holds."""

from typing import Annotated, Final

from app.schemas.base import RequestSchema
from app.schemas.checked import Checked, refuse
from app.schemas.cursors import CURSOR_FORM, InvalidCursorError, decode_cursor
from app.schemas.terms import term
from app.schemas.times import DEFAULT_LIMIT, Limit

_MOST: Final = 64


def position(raw: str) -> str:
    """Read the key that a cursor holds."""
    try:
        (key,) = decode_cursor(raw, parts=1)
    except InvalidCursorError:
        refuse("invalid-cursor")
    if len(key) > _MOST:
        refuse("invalid-cursor")
    return key


class KeyedListQuery(RequestSchema):
    """Which page of a list is wanted."""

    limit: Limit = DEFAULT_LIMIT
    cursor: (
        Annotated[
            str,
            Checked(position, CURSOR_FORM),
            term("Where the next page begins, as the page before gave it.", "con trỏ trang"),
        ]
        | None
    ) = None
