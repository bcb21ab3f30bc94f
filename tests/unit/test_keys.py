import base64
import fcntl
import json
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.keys.data_keys import DataKeys
from app.keys.key_file import KeyFileError, Keys, LogKeyMissingError, refuse_sandbox_keys, replace_log_keys
from app.keys.log_keys import LogKeys
from app.keys.sealing import SealBrokenError, Sealer

KEYS = Keys.generate()
SEALER = Sealer(KEYS)


def test_written_keys_read_back_the_same_and_only_for_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    KEYS.write(path)
    again = Keys.read(path)
    assert (again.data_keys, again.index_key) == (KEYS.data_keys, KEYS.index_key)
    assert [key.jwk for key in again.token_keys.keys] == [key.jwk for key in KEYS.token_keys.keys]
    assert again.log_keys.public_keys == KEYS.log_keys.public_keys
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keys.json"]


def test_keys_are_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        Keys.generate().write(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        Keys.read(path)


def test_a_key_file_that_systemd_hands_over_may_show_its_lists_mask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    path.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Keys.read(path).log_keys.public_keys == KEYS.log_keys.public_keys
    path.chmod(0o444)
    with pytest.raises(KeyFileError, match="chmod 600"):
        Keys.read(path)
    path.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "others"))
    with pytest.raises(KeyFileError, match="chmod 600"):
        Keys.read(path)


def test_keys_that_a_sandbox_made_say_so_and_are_refused_elsewhere(tmp_path: Path) -> None:
    for name, is_for_sandbox in (("sandbox", True), ("own", False)):
        KEYS.write(tmp_path / name, is_for_sandbox=is_for_sandbox)
        Keys.read(tmp_path / name)
    refuse_sandbox_keys(tmp_path / "own")
    with pytest.raises(KeyFileError, match="motcua keys init"):
        refuse_sandbox_keys(tmp_path / "sandbox")
    replace_log_keys(tmp_path / "sandbox", KEYS.log_keys.rotated())
    with pytest.raises(KeyFileError, match="motcua keys init"):
        refuse_sandbox_keys(tmp_path / "sandbox")


@pytest.mark.parametrize("name", ["data_key", "index_key", "log_key"])
def test_keys_that_somebody_typed_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    fields = json.loads(path.read_text())
    path.write_text(json.dumps(fields | {name: base64.b64encode(b"changeme" * 4).decode()}))
    with pytest.raises(KeyFileError, match="can be guessed"):
        Keys.read(path)
    path.write_text(json.dumps(fields | {"index_key": fields["data_key"]}))
    with pytest.raises(KeyFileError, match="can be guessed"):
        Keys.read(path)


def test_a_missing_key_file_is_told_without_a_path_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read"):
        Keys.read(tmp_path / "none.json")


@pytest.mark.parametrize(
    "change",
    [
        {"data_key": "!"},
        {"data_key": "AAAA"},
        {"index_key": 5},
        {"signing_key": "no PEM"},
        {"signing_key": None},
        {"log_key": "AAAA"},
        {"log_key": None},
        {"retired_log_keys": None},
        {"retired_log_keys": ["AAAA"]},
        {
            "signing_key": "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/"
            "HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n"
        },
    ],
)
def test_a_key_file_of_another_format_is_refused_without_any_of_its_content(
    tmp_path: Path, change: dict[str, object]
) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(KeyFileError) as refused:
        Keys.read(path)
    assert refused.value.__cause__ is None
    assert "MC4CAQAw" not in str(refused.value)


def test_a_key_file_from_before_checkpoints_says_how_to_get_its_log_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    fields = json.loads(path.read_text())
    del fields["log_key"], fields["retired_log_keys"]
    path.write_text(json.dumps(fields))
    with pytest.raises(LogKeyMissingError, match="motcua keys rotate-log-key"):
        Keys.read(path)
    log_keys = LogKeys.generate()
    replace_log_keys(path, log_keys)
    assert Keys.read(path).log_keys.public_keys == log_keys.public_keys
    assert Keys.read(path).data_keys == KEYS.data_keys


def test_a_rotated_log_key_keeps_the_public_keys_of_those_before(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    once = KEYS.log_keys.rotated()
    replace_log_keys(path, once)
    twice = once.rotated()
    replace_log_keys(path, twice)
    again = Keys.read(path).log_keys
    assert again.public_keys == twice.public_keys
    assert again.public_keys[1:] == once.public_keys
    assert again.public_keys[2:] == KEYS.log_keys.public_keys
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_of_two_rotations_at_once_the_later_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    replace_log_keys(path, KEYS.log_keys.rotated())
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="meanwhile"):
        replace_log_keys(path, KEYS.log_keys.rotated())
    assert path.read_bytes() == before


def test_what_another_command_changes_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KEYS.write(path)
    prepared = KEYS.data_keys.prepared()
    # As a command does between reading the file and putting another in its place.
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        other = threading.Thread(target=replace_log_keys, args=(path, KEYS.log_keys.rotated()))
        other.start()
        other.join(0.3)
        assert other.is_alive()
        fields = json.loads(path.read_text()) | prepared.fields()
        path.write_text(json.dumps(fields))
    finally:
        os.close(folder)
    other.join(10)
    assert Keys.read(path).data_keys == prepared
    assert Keys.read(path).log_keys.retired == KEYS.log_keys.public_keys


def test_a_key_file_that_is_no_json_object_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.touch(mode=0o600)
    for text in ("", "[]", "null"):
        path.write_text(text)
        with pytest.raises(KeyFileError):
            Keys.read(path)


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place_only(plain: bytes, place: str) -> None:
    sealed = SEALER.seal(plain, place=place)
    assert SEALER.unseal(sealed, place=place) == plain
    with pytest.raises(SealBrokenError):
        SEALER.unseal(sealed, place=place + "x")
    with pytest.raises(SealBrokenError):
        Sealer(Keys.generate()).unseal(sealed, place=place)


@given(st.binary(max_size=60), st.data())
def test_a_sealed_value_with_any_byte_changed_does_not_open(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal(plain, place="here"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBrokenError):
        SEALER.unseal(bytes(sealed), place="here")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(11), b"\x02" + bytes(40)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBrokenError):
        SEALER.unseal(sealed, place="here")


def test_sealing_twice_gives_two_texts_and_a_reference_is_always_the_same() -> None:
    assert SEALER.seal(b"x", place="p") != SEALER.seal(b"x", place="p")
    assert SEALER.reference("100190000001", use="person") == SEALER.reference("100190000001", use="person")
    assert SEALER.reference("100190000001", use="person") != SEALER.reference("100190000001", use="case")
    assert SEALER.reference("100190000001", use="person") != Sealer(Keys.generate()).reference(
        "100190000001", use="person"
    )


def test_a_reference_is_the_hmac_that_another_tool_computes() -> None:
    # printf 'person\0100190000001' | openssl dgst -sha256 -mac HMAC -macopt hexkey:<64 times 1>
    keys = replace(KEYS, data_keys=DataKeys(bytes(32)), index_key=bytes.fromhex("11" * 32))
    assert (
        Sealer(keys).reference("100190000001", use="person").hex()
        == "5334bdf5d3d63d7e627455b49c71c277dd57b609859ac198d86125b23180ec47"
    )


def test_keys_never_print() -> None:
    assert repr(KEYS) == "Keys()"
