"""A record with all that proves it: what an inspector or a citizen can check without any database.

JSON: `record` is the canonical text whose bytes make the leaf, `hashes` its proof, `checkpoint` the note.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any, Final

from app.domain.checkpoint import CheckpointMalformedError
from app.domain.merkle import leaf_hash, verify_inclusion
from app.keys.log_keys import CheckpointNotSignedError, verified

_LARGEST_BYTES: Final = 1 << 20
_HASH_BYTES: Final = 32


class BundleRefusedError(Exception):
    """The bundle proves nothing; the text says why and quotes nothing of it."""


def make_bundle(*, sequence: int, record: bytes, hashes: Sequence[bytes], note: str) -> str:
    """Write a bundle."""
    bundle = {
        "sequence": sequence,
        "record": record.decode(),
        "hashes": [b64encode(one).decode() for one in hashes],
        "checkpoint": note,
    }
    return json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"


def check_bundle(text: str, *, origin: str, public_keys: Sequence[bytes]) -> dict[str, Any]:
    """Return the record that the bundle proves to be in the log.

    Raises:
        BundleRefusedError: it is none of ours, or proves nothing.
    """
    if len(text) > _LARGEST_BYTES:
        raise BundleRefusedError("it is larger than any bundle")
    try:
        bundle = json.loads(text)
        sequence, record, note = bundle["sequence"], bundle["record"].encode(), bundle["checkpoint"]
        hashes = [b64decode(one, validate=True) for one in bundle["hashes"]]
        content = json.loads(record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BundleRefusedError("it is not a bundle") from None
    if type(sequence) is not int or not isinstance(note, str) or not isinstance(content, dict):
        raise BundleRefusedError("it is not a bundle")
    if any(len(one) != _HASH_BYTES for one in hashes):
        raise BundleRefusedError("a hash of the proof has the wrong length")
    try:
        checkpoint = verified(note, origin=origin, public_keys=public_keys)
    except (CheckpointMalformedError, CheckpointNotSignedError) as exc:
        raise BundleRefusedError("the checkpoint is not signed by the log's key") from exc
    if not verify_inclusion(leaf_hash(record), sequence, checkpoint.size, hashes, checkpoint.root):
        raise BundleRefusedError("the record is not at this place of the signed log")
    return content
