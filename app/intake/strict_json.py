"""Bytes to a Python value, for JSON as the contract asks and nothing else. Pure.

What the standard decoder lets pass and this one refuses: duplicate keys, NaN and Infinity (also as 1e999),
lone surrogates, control characters (LF and TAB may pass; the types of a schema refuse them where they have no
place), integers over 64 bits, and nesting that would exhaust the stack.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, Literal, NoReturn

from app.errors import RequestMalformedError

MAX_DEPTH: Final = 20

Reason = Literal[
    "not-utf-8",
    "not-json",
    "duplicate-key",
    "number-out-of-range",
    "control-character",
    "lone-surrogate",
    "too-deep",
]

_INTEGER_MAX: Final = 2**63 - 1
_INTEGER_MIN: Final = -(2**63)
_INTEGER_MAX_LENGTH: Final = len(str(_INTEGER_MIN))
# More digits than this mean nothing to a double, and converting them is not free.
_FLOAT_MAX_LENGTH: Final = 400

# C0 controls cannot stand raw in a JSON string, so only these need looking for in the text itself.
_RAW_CONTROL: Final = re.compile("[\x7f-\x9f]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# A whole string, closed or not, or one bracket. Possessive, and matching an unclosed string to the end of the
# text, so that no input makes the search start over from each of its quotes.
_STRUCTURE: Final = re.compile(r'"(?>[^"\\]++|\\[\s\S]?)*+"?|[\[{]|[\]}]')


def parse(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Read one JSON text.

    Raises:
        RequestMalformedError: anything else; it names the reason and never a value.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        _refuse("not-utf-8")
    if _RAW_CONTROL.search(text):
        _refuse("control-character")
    # Strings may hold brackets too, so a small count proves shallowness without a look at the structure.
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper(text, MAX_DEPTH):
        _refuse("too-deep")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError:
        _refuse("not-json")
    if "\\" in text:
        _check_strings(value)
    return value


def _refuse(reason: Reason) -> NoReturn:
    # The cause holds the text that was sent.
    raise RequestMalformedError(reason) from None


def _is_deeper(text: str, limit: int) -> bool:
    depth = 0
    for token in _STRUCTURE.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > limit:
                return True
        elif first in "]}":
            depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("duplicate-key")
    return members


def _integer(digits: str) -> int:
    # Converting a long number takes time that grows with the square of its length.
    if len(digits) > _INTEGER_MAX_LENGTH:
        _refuse("number-out-of-range")
    number = int(digits)
    if not _INTEGER_MIN <= number <= _INTEGER_MAX:
        _refuse("number-out-of-range")
    return number


def _float(digits: str) -> float:
    if len(digits) > _FLOAT_MAX_LENGTH:
        _refuse("number-out-of-range")
    number = float(digits)
    if not math.isfinite(number):
        _refuse("number-out-of-range")
    return number


def _constant(_name: str) -> NoReturn:
    _refuse("not-json")


def _check_strings(value: Any) -> None:  # noqa: ANN401 - JSON is anything
    for text in _strings(value):
        if _CONTROL.search(text):
            _refuse("control-character")
        if _SURROGATE.search(text):
            _refuse("lone-surrogate")


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON is anything
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
