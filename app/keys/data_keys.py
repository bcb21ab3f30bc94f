"""The AES-256 keys that seal personal values at rest: one seals, others only open. Knows no storage.

A change of the key takes three steps, so that no process ever seals what another cannot open: a key is
`prepared` and every process given it; `switched` to, while the one before still opens what it sealed; and
when everything is sealed anew the change is `finished`, and nothing opens with the old key any more.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LENGTH: Final = 32
"""Bytes of a key."""


@dataclass(frozen=True, slots=True)
class DataKeys:
    """`sealing` seals, `coming` is to seal next, `former` have sealed; all of them open."""

    sealing: bytes = field(repr=False)
    coming: bytes | None = field(default=None, repr=False)
    former: tuple[bytes, ...] = field(default=(), repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make the first key."""
        return cls(_new_key())

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Read the keys from the fields of a key file; one without the later fields has a single key.

        Raises:
            KeyError, TypeError, ValueError: they are not of our format.
        """
        coming = fields.get("coming_data_key")
        keys = cls(
            decoded(fields["data_key"]),
            None if coming is None else decoded(coming),
            tuple(map(decoded, fields.get("former_data_keys", []))),
        )
        if {len(keys.sealing), *map(len, keys.opening)} != {LENGTH}:
            raise ValueError("a data key is of another length")
        return keys

    def fields(self) -> dict[str, Any]:
        """Write the keys as fields of a key file: the one that seals, the coming one, the former ones."""
        return {
            "data_key": encoded(self.sealing),
            "coming_data_key": None if self.coming is None else encoded(self.coming),
            "former_data_keys": [*map(encoded, self.former)],
        }

    @property
    def opening(self) -> tuple[bytes, ...]:
        """The keys that open what another than `sealing` has sealed."""
        return self.former if self.coming is None else (self.coming, *self.former)

    @property
    def names(self) -> tuple[str, ...]:
        """What the keys are called on record, the sealing one first; a name tells nothing of its key."""
        return tuple(hashlib.sha256(key).hexdigest()[:16] for key in (self.sealing, *self.opening))

    def prepared(self) -> "DataKeys":
        """Add a key that is to seal next, unless there is one already."""
        return DataKeys(self.sealing, self.coming or _new_key(), self.former)

    def switched(self) -> "DataKeys":
        """Let the prepared key seal; without one nothing changes."""
        if self.coming is None:
            return self
        return DataKeys(self.coming, None, (self.sealing, *self.former))

    def finished(self) -> "DataKeys":
        """Forget the keys that have sealed before; what one of them sealed can never be opened again."""
        return DataKeys(self.sealing, self.coming)


def _new_key() -> bytes:
    return AESGCM.generate_key(bit_length=8 * LENGTH)


def decoded(text: str) -> bytes:
    """Read a key as a key file writes it; raises ValueError."""
    return base64.b64decode(text, validate=True)


def encoded(key: bytes) -> str:
    """Write a key for a key file."""
    return base64.b64encode(key).decode()
