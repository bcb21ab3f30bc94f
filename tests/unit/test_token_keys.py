"""When a token key signs, and until when what it signed is accepted."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.keys.key_file import KeyFileError, Keys, TokenKeyFile, replace_token_keys
from app.keys.token_keys import MOST_LIFETIME_SECONDS, PUBLISHED_AHEAD_SECONDS, TokenKeys

NOW = 1_700_000_000


def ids(keys: TokenKeys) -> list[str]:
    return [key.jwk["kid"] for key in keys.keys]


def accepted(keys: TokenKeys, now: int) -> list[str]:
    return [key.jwk["kid"] for key in keys.accepted(now)]


def test_the_first_key_signs_always() -> None:
    keys = TokenKeys.generate()
    for now in (0, NOW, -5):
        assert keys.signing(now) == keys.keys[0]
        assert accepted(keys, now) == ids(keys)


def test_a_new_key_is_published_before_it_signs_and_the_old_one_is_accepted_to_the_end() -> None:
    keys = TokenKeys.generate().rotated(NOW)
    old, new = ids(keys)
    begins = NOW + PUBLISHED_AHEAD_SECONDS
    ends = begins + MOST_LIFETIME_SECONDS
    assert [keys.signing(moment).jwk["kid"] for moment in (NOW, begins - 1, begins)] == [old, old, new]
    assert accepted(keys, NOW) == accepted(keys, ends) == [old, new]
    assert accepted(keys, ends + 60) == [new]


def test_a_key_that_nobody_needs_goes_with_the_next_change() -> None:
    once = TokenKeys.generate().rotated(NOW)
    hurried = once.rotated(NOW + 60)
    assert ids(hurried)[:2] == ids(once)
    later = once.rotated(NOW + 100_000)
    assert ids(later)[0] == ids(once)[1]
    assert len(later.keys) == 2
    # The first of a file signs always; here it did for a day.
    assert TokenKeys.of_fields(later.fields()).signing(0).jwk["kid"] == ids(later)[0]


def test_a_stolen_key_is_replaced_at_once() -> None:
    old = TokenKeys.generate()
    new = old.replaced()
    assert set(accepted(new, 0)).isdisjoint(ids(old))
    assert new.signing(0) == new.keys[0]


def test_the_key_file_keeps_the_keys_with_their_moments_and_all_else(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = Keys.generate()
    keys.write(path)
    rotated = keys.token_keys.rotated(NOW)
    replace_token_keys(path, rotated, instead_of=keys.token_keys)
    again = Keys.read(path)
    assert ids(again.token_keys) == ids(rotated)
    assert [key.signs_from for key in again.token_keys.keys] == [0, NOW + PUBLISHED_AHEAD_SECONDS]
    assert (again.data_keys, again.index_key) == (keys.data_keys, keys.index_key)
    assert again.log_keys.public_keys == keys.log_keys.public_keys
    assert path.stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in repr(again)


def test_of_two_who_change_the_keys_at_once_the_second_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = Keys.generate()
    keys.write(path)
    replace_token_keys(path, keys.token_keys.rotated(NOW), instead_of=keys.token_keys)
    before = path.read_bytes()
    with pytest.raises(KeyFileError):
        replace_token_keys(path, keys.token_keys.rotated(NOW), instead_of=keys.token_keys)
    assert path.read_bytes() == before


def test_a_file_from_before_keys_followed_each_other_is_read(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = Keys.generate()
    keys.write(path)
    fields = json.loads(path.read_text())
    del fields["later_signing_keys"]
    path.write_text(json.dumps(fields))
    assert ids(Keys.read(path).token_keys) == ids(keys.token_keys)


@pytest.mark.parametrize(
    "later",
    [
        [{"key": "no PEM", "signs_from": NOW}],
        [{"signs_from": NOW}],
        [{"key": None, "signs_from": NOW}],
        ["text"],
        7,
        [{"key": "own", "signs_from": "now"}],
        [{"key": "own", "signs_from": NOW}, {"key": "own", "signs_from": NOW - 1}],
    ],
)
def test_later_keys_of_another_form_are_refused(tmp_path: Path, later: Any) -> None:
    path = tmp_path / "keys.json"
    Keys.generate().write(path)
    fields = json.loads(path.read_text())
    for entry in later if isinstance(later, list) else ():
        if isinstance(entry, dict) and entry.get("key") == "own":
            entry["key"] = fields["signing_key"]
    path.write_text(json.dumps(fields | {"later_signing_keys": later}))
    with pytest.raises(KeyFileError) as refused:
        Keys.read(path)
    assert refused.value.__cause__ is None


def test_a_change_of_the_file_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = Keys.generate()
    keys.write(path)
    file = TokenKeyFile(path)
    assert file.changed() is not None
    assert file.changed() is None
    rotated = keys.token_keys.rotated(NOW)
    replace_token_keys(path, rotated, instead_of=keys.token_keys)
    found = file.changed()
    assert found is not None
    assert ids(found) == ids(rotated)


def test_a_changed_file_that_cannot_be_used_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keys.generate().write(path)
    file = TokenKeyFile(path)
    file.changed()
    whole = path.read_text()
    path.write_text(whole[:50])
    for _ in range(2):
        with pytest.raises(KeyFileError):
            file.changed()
    path.write_text(whole)
    assert file.changed() is not None
    path.unlink()
    with pytest.raises(KeyFileError):
        file.changed()
