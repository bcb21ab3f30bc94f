from dataclasses import replace

import pytest

from app.domain.checkpoint import Checkpoint, CheckpointMalformedError, SignedNote, key_id
from app.keys.log_keys import CheckpointNotSignedError, LogKeys, verified

ORIGIN = "motcua.example/audit"
KEYS = LogKeys.generate()
CHECKPOINT = Checkpoint(ORIGIN, 7, bytes(32))


def test_a_signed_checkpoint_reads_back_and_names_its_key() -> None:
    note = KEYS.sign(CHECKPOINT)
    assert verified(note, origin=ORIGIN, public_keys=KEYS.public_keys) == CHECKPOINT
    (signature,) = SignedNote.parsed(note).signatures
    assert (signature.key_name, signature.key_id) == (ORIGIN, key_id(ORIGIN, KEYS.public_keys[0]))


def test_a_signature_is_the_one_that_another_tool_makes() -> None:
    # The text signed with openssl pkeyutl -sign -rawin, key of 32 bytes 0x01.
    note = LogKeys.of_seed(b"\x01" * 32, ()).sign(CHECKPOINT)
    (signature,) = SignedNote.parsed(note).signatures
    assert signature.value.hex() == (
        "aee08e0ca8f27ecd9281479c1d76d5f2ab6ddff9ed6af821ac5b0293a4f76b01"
        "7f00bfa0894f7beb206e01fc6d2c5fe5ef6cabe037cb83010f490ffc305c520b"
    )


def test_what_a_retired_key_signed_still_verifies_and_the_new_key_signs() -> None:
    old_note, rotated = KEYS.sign(CHECKPOINT), KEYS.rotated()
    assert verified(old_note, origin=ORIGIN, public_keys=rotated.public_keys) == CHECKPOINT
    new_note = rotated.sign(CHECKPOINT)
    with pytest.raises(CheckpointNotSignedError):
        verified(new_note, origin=ORIGIN, public_keys=KEYS.public_keys)


def test_a_witness_signature_beside_ours_does_no_harm() -> None:
    note = SignedNote.parsed(KEYS.sign(CHECKPOINT))
    witness = replace(note.signatures[0], key_name="witness.example")
    both = SignedNote(note.text, (witness, *note.signatures)).written()
    assert verified(both, origin=ORIGIN, public_keys=KEYS.public_keys) == CHECKPOINT


@pytest.mark.parametrize(
    "forged",
    [
        KEYS.sign(CHECKPOINT).replace("\n7\n", "\n8\n"),
        KEYS.sign(CHECKPOINT).replace(f"— {ORIGIN}", "— other.example"),
        LogKeys.generate().sign(CHECKPOINT),
        KEYS.sign(replace(CHECKPOINT, origin="other.example/audit")),
    ],
)
def test_a_checkpoint_that_our_keys_did_not_sign_is_refused(forged: str) -> None:
    with pytest.raises(CheckpointNotSignedError):
        verified(forged, origin=ORIGIN, public_keys=KEYS.public_keys)


def test_what_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(CheckpointMalformedError):
        verified("nothing", origin=ORIGIN, public_keys=KEYS.public_keys)


def test_keys_do_not_print() -> None:
    assert repr(KEYS) == "LogKeys(retired=())"
