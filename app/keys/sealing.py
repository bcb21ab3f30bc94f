"""Seals what is stored of persons, and makes the references by which it is found."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from app.keys.key_file import Keys

_NONCE_BYTES: Final = 12
_VERSION: Final = b"\x01"


class SealBrokenError(Exception):
    """A sealed value was altered, belongs elsewhere, or was sealed with another key."""


class Seal:
    """Seals personal values for storage under one key, and opens what this or `others` have sealed.

    `place` (for example `case.content:<id>`) is authenticated with each sealed value, so that one cannot be
    moved to another row or column unnoticed.
    """

    def __init__(self, key: bytes, others: Sequence[bytes] = ()) -> None:
        self._aead = AESGCM(key)
        self._others = [AESGCM(other) for other in others]

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Encrypt with AES-256-GCM; the answer holds version, nonce, text and tag."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, place.encode())

    def unseal(self, sealed: bytes, *, place: str) -> bytes:
        """Decrypt what `seal` made for the same place.

        Raises:
            SealBrokenError: altered, moved, or sealed with another key.
        """
        return self._opened(sealed, place)[0]

    def resealed(self, sealed: bytes, *, place: str) -> bytes | None:
        """Seal a value of the same place anew if one of the other keys has sealed it; None if ours has.

        Raises:
            SealBrokenError: altered, moved, or sealed with none of the keys.
        """
        plain, is_ours = self._opened(sealed, place)
        return None if is_ours else self.seal(plain, place=place)

    def _opened(self, sealed: bytes, place: str) -> tuple[bytes, bool]:
        """Decrypt, and tell whether the key that seals has opened it."""
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise SealBrokenError("not a sealed value")
        for aead in (self._aead, *self._others):
            with suppress(InvalidTag):
                return aead.decrypt(nonce, text, place.encode()), aead is self._aead
        raise SealBrokenError("the sealed value does not open")


class Sealer(Seal):
    """The service's own seal, and keyed references of numbers to search by."""

    def __init__(self, keys: Keys) -> None:
        super().__init__(keys.data_keys.sealing, keys.data_keys.opening)
        self._keyed = HMAC(keys.index_key, SHA256())

    def reference(self, value: str, *, use: str) -> bytes:
        """Return the keyed HMAC-SHA-256 of a value; `use` keeps references of different tables apart."""
        # A copy has done the key's part already: a third of the time, for a dozen marks of each registration.
        digest = self._keyed.copy()
        digest.update(f"{use}\x00{value}".encode())
        return digest.finalize()
