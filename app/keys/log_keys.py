"""The Ed25519 keys of the audit log: they sign its checkpoints and verify them. Knows no storage."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.domain.checkpoint import Checkpoint, Signature, SignedNote, key_id


class CheckpointNotSignedError(Exception):
    """A checkpoint bears no valid signature of this log's keys, or is of a log with another name."""


class LogKeyUnknownError(CheckpointNotSignedError):
    """A checkpoint of this log is signed, by a key that is none of those known here."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """One key signs; `retired` are the public keys of those before it, newest first, which still verify."""

    signing: Ed25519PrivateKey = field(repr=False)
    retired: tuple[bytes, ...] = ()

    @classmethod
    def generate(cls) -> Self:
        """Make the first key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def of_seed(cls, seed: bytes, retired: tuple[bytes, ...]) -> Self:
        """Take the signing key from its 32 secret bytes."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed), retired)

    @property
    def seed(self) -> bytes:
        """The signing key's 32 secret bytes."""
        return self.signing.private_bytes_raw()

    @property
    def public_keys(self) -> tuple[bytes, ...]:
        """All public keys, that of the signing key first."""
        return (self.signing.public_key().public_bytes_raw(), *self.retired)

    def rotated(self) -> "LogKeys":
        """Make a new signing key; the present one only verifies from then on."""
        return LogKeys(Ed25519PrivateKey.generate(), self.public_keys)

    def sign(self, checkpoint: Checkpoint) -> str:
        """Write the checkpoint as a note with our signature."""
        identity = key_id(checkpoint.origin, self.public_keys[0])
        signature = Signature(checkpoint.origin, identity, self.signing.sign(checkpoint.text.encode()))
        return SignedNote(checkpoint.text, (signature,)).written()


def verified(note: str, *, origin: str, public_keys: Sequence[bytes]) -> Checkpoint:
    """Read the checkpoint of a note that one of the keys has signed; other signatures are not looked at.

    Raises:
        CheckpointNotSignedError: none of the keys has signed it, or it is of another log.
        LogKeyUnknownError: another key has signed it, whether well or not.
        CheckpointMalformedError: it is no checkpoint at all.
    """
    parsed = SignedNote.parsed(note)
    checkpoint = Checkpoint.parsed(parsed.text)
    keys = {key_id(origin, key): key for key in public_keys}
    signatures = [one for one in parsed.signatures if one.key_name == origin and one.key_id in keys]
    if checkpoint.origin != origin:
        raise CheckpointNotSignedError("of a log with another name")
    if not signatures:
        raise LogKeyUnknownError("not signed by a key of this log")
    for signature in signatures:
        key = Ed25519PublicKey.from_public_bytes(keys[signature.key_id])
        try:
            key.verify(signature.value, parsed.text.encode())
        except InvalidSignature as exc:
            # A wrong signature under a known key's name is a forgery, whatever else the note bears.
            raise CheckpointNotSignedError("a signature is not valid") from exc
    return checkpoint
