"""The known note and key are the example of Go's own implementation of signed notes, golang.org/x/mod."""

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from app.domain.checkpoint import (
    Checkpoint,
    CheckpointMalformedError,
    Signature,
    SignedNote,
    is_key_name,
    key_id,
    parsed_verifier_key,
    verifier_key,
)

KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
PUBLIC_KEY = b64decode(KNOWN_KEY.rpartition("+")[2])[1:]
ORIGIN = "motcua.example/audit"
SIGNATURE = Signature(ORIGIN, b"\x01\x02\x03\x04", b"s" * 64)

names = st.text(min_size=1, max_size=40).filter(is_key_name)
checkpoints = st.builds(Checkpoint, names, st.integers(0, 2**62), st.binary(min_size=32, max_size=32))


def test_a_known_note_verifies_with_its_known_key() -> None:
    note = SignedNote.parsed(KNOWN_NOTE)
    (signature,) = note.signatures
    assert signature.key_name == "PeterNeumann"
    assert signature.key_id == key_id("PeterNeumann", PUBLIC_KEY)
    Ed25519PublicKey.from_public_bytes(PUBLIC_KEY).verify(signature.value, note.text.encode())
    assert note.written() == KNOWN_NOTE
    assert verifier_key("PeterNeumann", PUBLIC_KEY) == KNOWN_KEY


@given(checkpoints)
def test_a_checkpoint_reads_back_the_same_within_its_note(checkpoint: Checkpoint) -> None:
    signature = Signature(checkpoint.origin, b"\x00" * 4, b"s" * 64)
    note = SignedNote.parsed(SignedNote(checkpoint.text, (signature,)).written())
    assert note.signatures == (signature,)
    assert Checkpoint.parsed(note.text) == checkpoint


def test_a_checkpoint_is_three_lines() -> None:
    known = f"{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    assert Checkpoint(ORIGIN, 7, bytes(32)).text == known
    assert Checkpoint.parsed(known + "added by others\n") == Checkpoint(ORIGIN, 7, bytes(32))


ROOT = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{ORIGIN}\n7\n{ROOT}",
        f"{ORIGIN}\n07\n{ROOT}\n",
        f"{ORIGIN}\n-7\n{ROOT}\n",
        f"{ORIGIN}\n٧\n{ROOT}\n",
        f"{ORIGIN}\n7\nAAAA\n",
        f"{ORIGIN}\n7\n!\n",
        f"{ORIGIN}\n7\n{ROOT[:-2]}B=\n",
        f"two words\n7\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(CheckpointMalformedError):
        Checkpoint.parsed(text)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name AAAAAAAA",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name AAAAAA==\n",
        "text\n\n— name AAAAAAB=\n",
        "text\n\n— name AAAAAAAA x\n",
        "text\n\n— name AAAAAAAA\n\n",
    ],
)
def test_what_is_no_signed_note_is_refused(note: str) -> None:
    with pytest.raises(CheckpointMalformedError):
        SignedNote.parsed(note)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, bytes(32)),
        ("a+b", 1, bytes(32)),
        ("a b", 1, bytes(32)),
        (ORIGIN, -1, bytes(32)),
        (ORIGIN, 1, b""),
    ],
)
def test_a_checkpoint_that_could_not_be_read_back_is_not_made(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(ValueError, match="origin, size and root"):
        Checkpoint(origin, size, root)


def test_a_signature_does_not_print() -> None:
    assert "ss" not in repr(SIGNATURE)


def test_a_verifier_key_is_read_as_it_is_written() -> None:
    assert parsed_verifier_key(KNOWN_KEY) == ("PeterNeumann", PUBLIC_KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        KNOWN_KEY.replace("PeterNeumann", "JohnNeumann"),
        KNOWN_KEY.replace("c74f20a3", "c74f20a4"),
        KNOWN_KEY.replace("+ARpc2", "+ARpc3"),
        KNOWN_KEY.replace("+ARpc2", "+Axpc2"),
        KNOWN_KEY[:-4],
        KNOWN_KEY + "!",
    ],
)
def test_what_is_no_verifier_key_is_told(text: str) -> None:
    with pytest.raises(CheckpointMalformedError):
        parsed_verifier_key(text)
