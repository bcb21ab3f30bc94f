"""Reads a large JSON object piece by piece, telling where in the file each piece stands.

A population of a million people is over a gigabyte of JSON; read whole, it would take several in memory.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

_CHUNK_BYTES: Final = 1 << 20
_LARGEST_VALUE: Final = 1 << 23
_AFTER_VALUE: Final = frozenset(" \t\n\r,:]}")
_BLANKS: Final = re.compile(r"[ \t\n\r]*")


class PieceError(Exception):
    """The file is not one JSON object in UTF-8. Its text tells the place, not what stands there."""


class Piece(NamedTuple):
    """One value of the file: an item of a member that is a list, or the whole of another member.

    `item` counts the items of a list; `start` and `length` are in bytes.
    """

    member: str
    item: int | None
    value: Any
    start: int
    length: int

    @property
    def place(self) -> str:
        """Where the value stands, for people: `citizens[12]`."""
        return self.member if self.item is None else f"{self.member}[{self.item}]"


def read_pieces(file: BinaryIO) -> Iterator[Piece]:
    """Yield the pieces in the order of the file; an empty list yields none.

    Raises:
        PieceError: the file is not JSON, not UTF-8, not an object, or names a member twice.
    """
    window = _Window(file)
    window.expect("{")
    seen: set[str] = set()
    while window.goes_on(closing="}", is_first=not seen):
        name, _, _ = window.value()
        if not isinstance(name, str) or name in seen:
            raise window.fault()
        seen.add(name)
        window.expect(":")
        if window.peek() == "[":
            yield from _items(window, name)
        else:
            yield Piece(name, None, *window.value())
    if window.peek():
        raise window.fault()


def _items(window: "_Window", member: str) -> Iterator[Piece]:
    window.expect("[")
    index = 0
    while window.goes_on(closing="]", is_first=index == 0):
        yield Piece(member, index, *window.value())
        index += 1


class _Window:
    """The part of the text that is in memory, and the place reached in it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._from_bytes = codecs.getincrementaldecoder("utf-8")()
        self._decode = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._byte = 0
        self._is_whole = False

    def fault(self) -> PieceError:
        return PieceError(f"not the JSON that it should be, at byte {self._byte}")

    def peek(self) -> str:
        """Return the next character that is no blank, without taking it; empty at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            end = self._at if blanks is None else blanks.end()
            self._byte += end - self._at
            self._at = end
            if end < len(self._text):
                return self._text[end]
            if self._is_whole:
                return ""
            self._read_on()

    def expect(self, character: str) -> None:
        if self.peek() != character:
            raise self.fault()
        self._at += 1
        self._byte += 1

    def goes_on(self, *, closing: str, is_first: bool) -> bool:
        """Take the comma before the next value and return True, or take `closing` and return False."""
        if self.peek() == closing:
            self.expect(closing)
            return False
        if not is_first:
            self.expect(",")
        return True

    def value(self) -> tuple[Any, int, int]:
        """Take the next value; return it with its first byte and its length in bytes."""
        self.peek()
        while True:
            is_last_try = self._is_whole or len(self._text) - self._at > _LARGEST_VALUE
            try:
                value, end = self._decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError):
                # Perhaps only cut short by the end of the window.
                if is_last_try:
                    raise self.fault() from None
            else:
                # Before anything else, a number might go on: what looks like 1 may become 1.5.
                if is_last_try or self._text[end : end + 1] in _AFTER_VALUE:
                    break
            self._read_on()
        start = self._byte
        length = len(self._text[self._at : end].encode("utf-8", "surrogatepass"))
        self._at = end
        self._byte += length
        return value, start, length

    def _read_on(self) -> None:
        chunk = self._file.read(_CHUNK_BYTES)
        self._is_whole = not chunk
        try:
            text = self._from_bytes.decode(chunk, final=self._is_whole)
        except UnicodeDecodeError:
            raise PieceError(f"not UTF-8, somewhere after byte {self._byte}") from None
        self._text = self._text[self._at :] + text
        self._at = 0
