"""Checkpoints of the audit log as text: C2SP's tlog-checkpoint, signed-note and verifier key. Signs nothing.

A checkpoint says that the log named `origin` had `size` records with this root. The note around it carries
signatures, one a line; lines of keys that a reader does not know are none of his business.
"""

import binascii
import hashlib
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Final, Self

ED25519: Final = b"\x01"
"""The kind of signature, as a verifier key and a key id have it."""

_DASH: Final = "—"
_KEY_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_ROOT_BYTES: Final = 32
_KEY_NAME: Final = re.compile(r"[^\s+\x00-\x20\x7f]+")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


class CheckpointMalformedError(Exception):
    """The text is no checkpoint or no signed note."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log states of itself. `origin` is the log's name, which is also that of its key."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse what could not be read back."""
        if not is_key_name(self.origin) or self.size < 0 or len(self.root) != _ROOT_BYTES:
            raise ValueError("not a checkpoint's origin, size and root")

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Read a checkpoint's text; lines after the third, which others may have added, are left out.

        Raises:
            CheckpointMalformedError: it is none.
        """
        match text.split("\n"):
            case [origin, size, root, *_, ""] if _SIZE.fullmatch(size):
                pass
            case _:
                raise CheckpointMalformedError("not the lines of a checkpoint")
        try:
            return cls(origin, int(size), _decoded(root))
        except ValueError as exc:
            raise CheckpointMalformedError("not a checkpoint's origin and root") from exc


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a note, with the name and the id of its key."""

    key_name: str
    key_id: bytes
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text and its signatures; that these are right, the caller has to check."""

    text: str
    signatures: tuple[Signature, ...]

    def written(self) -> str:
        """Write the note as it is handed out."""
        lines = (
            f"{_DASH} {one.key_name} {b64encode(one.key_id + one.value).decode()}\n"
            for one in self.signatures
        )
        return f"{self.text}\n{''.join(lines)}"

    @classmethod
    def parsed(cls, note: str) -> Self:
        """Read a note.

        Raises:
            CheckpointMalformedError: it is none, or has no signature.
        """
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise CheckpointMalformedError("not a signed note")
        signatures = tuple(_signature(line) for line in lines.removesuffix("\n").split("\n"))
        return cls(text + "\n", signatures)


def is_key_name(name: str) -> bool:
    """Tell whether a log and its key may have this name: no blank, no plus, no control character."""
    return bool(_KEY_NAME.fullmatch(name))


def key_id(name: str, public_key: bytes) -> bytes:
    """Return the id of an Ed25519 key: the first four bytes of a hash of its name, kind and value."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, public_key: bytes) -> str:
    """Write an Ed25519 key for those who verify: `name+id+key`."""
    return f"{name}+{key_id(name, public_key).hex()}+{b64encode(ED25519 + public_key).decode()}"


def parsed_verifier_key(text: str) -> tuple[str, bytes]:
    """Read an Ed25519 key as `verifier_key` writes it; return its name and the key.

    Raises:
        CheckpointMalformedError: it is none, or its id is not that of the key.
    """
    try:
        name, identity, value = text.split("+", 2)
        kind = _decoded(value)
    except ValueError as exc:
        raise CheckpointMalformedError("not a verifier key") from exc
    key = kind[1:]
    if kind[:1] != ED25519 or len(key) != _KEY_BYTES or identity != key_id(name, key).hex():
        raise CheckpointMalformedError("not an Ed25519 verifier key")
    return name, key


def _signature(line: str) -> Signature:
    match line.split(" "):
        case [dash, name, value] if dash == _DASH and is_key_name(name):
            pass
        case _:
            raise CheckpointMalformedError("not a signature line")
    try:
        signature = _decoded(value)
    except ValueError as exc:
        raise CheckpointMalformedError("a signature is not base64") from exc
    if len(signature) <= _KEY_ID_BYTES:
        raise CheckpointMalformedError("a signature is too short")
    return Signature(name, signature[:_KEY_ID_BYTES], signature[_KEY_ID_BYTES:])


def _decoded(text: str) -> bytes:
    value = b64decode(text, validate=True)
    # Unused bits must be zero, or one checkpoint could be written in several ways.
    if b64encode(value).decode() != text:
        raise binascii.Error("not the one way to write these bytes")
    return value
