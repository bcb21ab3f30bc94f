"""Collects the body of an answer as it arrives, unpacked, and never more of it than allowed."""

import zlib
from typing import Final

ACCEPTED_ENCODINGS: Final = "gzip"

_GZIP: Final = frozenset({"gzip", "x-gzip"})
_PLAIN: Final = frozenset({"", "identity"})
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


class UnusableBodyError(Exception):
    """The body is too large, packed in a way that was not asked for, or broken."""


class BodyCollector:
    """Takes the pieces of one body, as sent, and gives the whole of it."""

    def __init__(self, *, encoding: str, limit: int) -> None:
        """Prepare for a body of at most `limit` bytes when unpacked.

        Raises:
            UnusableBodyError: the encoding is not one that was asked for.
        """
        name = encoding.strip().lower()
        if name not in _PLAIN and name not in _GZIP:
            raise UnusableBodyError
        self._unpacker = zlib.decompressobj(_GZIP_WINDOW) if name in _GZIP else None
        self._limit = limit
        self._body = bytearray()

    def add(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            UnusableBodyError: the body becomes too large, or is broken.
        """
        if self._unpacker is not None:
            try:
                # One byte over the limit is enough to see that there is more.
                piece = self._unpacker.decompress(piece, self._limit + 1 - len(self._body))
            except zlib.error as exc:
                raise UnusableBodyError from exc
            if self._unpacker.unused_data:
                raise UnusableBodyError
        self._body += piece
        if len(self._body) > self._limit:
            raise UnusableBodyError

    def whole(self) -> bytes:
        """Give the body.

        Raises:
            UnusableBodyError: its end is missing.
        """
        if self._unpacker is not None and not self._unpacker.eof:
            raise UnusableBodyError
        return bytes(self._body)
