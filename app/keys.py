"""The keys that protect personal data at rest and sign our tokens. Kept in a file, never in the database."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES: Final = 12
_VERSION: Final = b"\x01"


class KeyFileError(Exception):
    """The key file is missing, unreadable, readable by others, or not of our format."""


class SealBrokenError(Exception):
    """A sealed value was altered, belongs elsewhere, or was sealed with another key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The service's keys: `data_key` seals, `index_key` makes references, `signing_key` signs tokens."""

    data_key: bytes = field(repr=False)
    index_key: bytes = field(repr=False)
    signing_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make new keys."""
        return cls(
            data_key=AESGCM.generate_key(bit_length=256),
            index_key=secrets.token_bytes(32),
            signing_key=ec.generate_private_key(ec.SECP256R1()),
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the key file.

        Raises:
            KeyFileError: it is missing, readable by others, or not of our format.
        """
        try:
            if path.stat().st_mode & 0o077:
                raise KeyFileError("the key file must not be readable by group or others (chmod 600)")
            fields = json.loads(path.read_text(encoding="utf-8"))
            signing_key = serialization.load_pem_private_key(fields["signing_key"].encode(), password=None)
            data_key = base64.b64decode(fields["data_key"], validate=True)
            index_key = base64.b64decode(fields["index_key"], validate=True)
        except OSError as exc:
            raise KeyFileError(f"the key file cannot be read: {exc.strerror}") from exc
        except (KeyError, TypeError, AttributeError, ValueError):
            # Nothing of the cause is kept: its message could hold a part of a key.
            raise KeyFileError("the key file is not of our format") from None
        if not isinstance(signing_key, ec.EllipticCurvePrivateKey) or {len(data_key), len(index_key)} != {32}:
            raise KeyFileError("the key file holds keys of the wrong kind")
        return cls(data_key=data_key, index_key=index_key, signing_key=signing_key)

    def write(self, path: Path) -> None:
        """Write a new key file that only its owner can read; never overwrites one.

        Raises:
            FileExistsError: there is a file already.
        """
        text = json.dumps(
            {
                "data_key": base64.b64encode(self.data_key).decode(),
                "index_key": base64.b64encode(self.index_key).decode(),
                "signing_key": self.signing_key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                ).decode(),
            },
            indent=1,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written whole beside its place and linked into it, so that no process ever reads half a file.
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            os.link(draft, path)
        finally:
            draft.unlink()


class Sealer:
    """Seals personal values for storage and makes keyed references of numbers to search by.

    `place` (for example `case.content:<id>`) is authenticated with each sealed value, so that one cannot be
    moved to another row or column unnoticed.
    """

    def __init__(self, keys: Keys) -> None:
        self._aead = AESGCM(keys.data_key)
        self._index_key = keys.index_key

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Encrypt with AES-256-GCM; the answer holds version, nonce, text and tag."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, place.encode())

    def unseal(self, sealed: bytes, *, place: str) -> bytes:
        """Decrypt what `seal` made for the same place.

        Raises:
            SealBrokenError: altered, moved, or sealed with another key.
        """
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise SealBrokenError("not a sealed value")
        try:
            return self._aead.decrypt(nonce, text, place.encode())
        except InvalidTag as exc:
            raise SealBrokenError("the sealed value does not open") from exc

    def reference(self, value: str, *, use: str) -> bytes:
        """Return the keyed HMAC-SHA-256 of a value; `use` keeps references of different tables apart."""
        return hmac.digest(self._index_key, f"{use}\x00{value}".encode(), hashlib.sha256)
