"""Verify, without trusting the service, that a record of the audit log is in the log that was signed.

    TOKEN=... python verify_record.py https://motcua.example.vn 1234 ['name+hash+base64']

Needs Python and the package `cryptography`, nothing of the service. The last argument is the log's key as you
know it from elsewhere; without it the service's own word is taken for it. The record's bytes are its RFC 8785
form. Names of members are ASCII and numbers are whole, so that is Python's JSON with sorted names, without
blanks, and with every letter as it is.
"""

import hashlib
import json
import os
import sys
import urllib.request
from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def fetch(path: str) -> str:
    """Ask the service."""
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
    request = urllib.request.Request(sys.argv[1].rstrip("/") + path, headers=headers)  # noqa: S310 - the user's own URL
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        return str(answer.read().decode())


def signed_checkpoint(note: str, keys: list[str]) -> tuple[int, bytes]:
    """Return size and root of a checkpoint that one of the keys signed: C2SP signed-note."""
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")[:3]
    for key in keys:
        name, key_id, encoded = key.split("+", 2)
        public = b64decode(encoded)
        is_key = name == origin and hashlib.sha256(f"{name}\n".encode() + public).hexdigest()[:8] == key_id
        for line in signatures.splitlines():
            _, signer, value = line.split(" ")
            if is_key and signer == name and b64decode(value)[:4].hex() == key_id:
                # Raises InvalidSignature; the first byte of the key is its kind.
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(
                    b64decode(value)[4:], f"{text}\n".encode()
                )
                return int(size), b64decode(root)
    sys.exit("NOT PROVED: no signature of a known key on the checkpoint")


def root_from(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """Return the root that a proof leads to: RFC 9162 2.1.3.2."""
    node, last, current = index, size - 1, leaf
    for sibling in hashes:
        if node & 1 or node == last:
            current = hashlib.sha256(b"\x01" + sibling + current).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            current = hashlib.sha256(b"\x01" + current + sibling).digest()
        node, last = node >> 1, last >> 1
    return b"" if last else current


sequence = int(sys.argv[2])
keys = sys.argv[3:] or fetch("/audit/public-key").splitlines()
tree_size, tree_root = signed_checkpoint(fetch("/audit/checkpoint"), keys)
if sequence >= tree_size:
    sys.exit(f"NOT PROVED: no checkpoint holds record {sequence} yet; one is signed each second")
found = json.loads(fetch(f"/audit/records/{sequence}"))
proof = json.loads(fetch(f"/audit/records/{sequence}/proof?tree_size={tree_size}"))
record = json.dumps(found["record"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
leaf_hash = hashlib.sha256(b"\x00" + record.encode()).digest()
if found["record"] is None:  # Its retention has ended: what is left to prove is the hash of what it said.
    leaf_hash = b64decode(found["leaf_hash"])
if root_from(leaf_hash, sequence, tree_size, [b64decode(one) for one in proof["hashes"]]) != tree_root:
    sys.exit("NOT PROVED: the record is not in the log that was signed")
print(f"PROVED: record {sequence} is in the signed log of {tree_size} records")
print(record)
