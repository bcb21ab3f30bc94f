"""The keys that seal personal values, how one follows another, and where sealed values stand."""

from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from app.db.sealed_values import SEALED_COLUMNS
from app.db.tables import Base
from app.keys.data_keys import DataKeys
from app.keys.key_file import KeyFileError, Keys, replace_data_keys
from app.keys.sealing import Seal, SealBrokenError
from app.services.data_key_rotation import PLACES

PLACE = "case.content:H24.15-261123-0001"
NOT_SEALED = {
    "applicant_ref",
    "frontier",
    "hash",
    "key_ref",
    "leaf_hash",
    "record",
    "ref",
    "request_ref",
    "root",
}
"""Columns of bytes that are hashes, or are sealed under other keys."""


def seal_of(keys: DataKeys) -> Seal:
    return Seal(keys.sealing, keys.opening)


def test_a_process_opens_what_others_seal_in_the_step_before_and_after_its_own() -> None:
    first = DataKeys.generate()
    steps = [first, first.prepared()]
    steps += [steps[-1].switched()]
    steps += [steps[-1].finished()]
    for one, other in pairwise(steps):
        # What is finished has nothing left that the old key sealed.
        pairs = [(one, other)] if other is steps[-1] else [(one, other), (other, one)]
        for sealing, opening in pairs:
            sealed = seal_of(sealing).seal(b"plain", place=PLACE)
            assert seal_of(opening).unseal(sealed, place=PLACE) == b"plain"
    assert len({keys.sealing for keys in steps}) == 2
    with pytest.raises(SealBrokenError):
        seal_of(steps[-1]).unseal(seal_of(first).seal(b"plain", place=PLACE), place=PLACE)


def test_a_key_is_prepared_once_and_nothing_is_switched_to_without_one() -> None:
    first = DataKeys.generate()
    prepared = first.prepared()
    assert prepared.prepared() == prepared
    assert first.switched() == first
    assert prepared.finished().coming == prepared.coming


def test_only_what_another_key_sealed_is_sealed_anew() -> None:
    first = DataKeys.generate()
    new = first.prepared().switched()
    seal = seal_of(new)
    old_value = seal_of(first).seal(b"plain", place=PLACE)
    resealed = seal.resealed(old_value, place=PLACE)
    assert resealed is not None
    assert seal_of(new.finished()).unseal(resealed, place=PLACE) == b"plain"
    assert seal.resealed(resealed, place=PLACE) is None
    for broken in (old_value[:-1] + bytes([old_value[-1] ^ 1]), b"", resealed[:10]):
        with pytest.raises(SealBrokenError):
            seal.resealed(broken, place=PLACE)
    with pytest.raises(SealBrokenError):
        seal.resealed(old_value, place="case.content:H24.15-261123-0002")


def test_names_of_keys_differ_and_show_nothing_of_them() -> None:
    keys = DataKeys.generate().prepared().switched().prepared()
    assert len(set(keys.names)) == 3
    for key in (keys.sealing, *keys.opening):
        assert key.hex() not in repr(keys)
        assert not any(name in key.hex() for name in keys.names)


def test_the_key_file_keeps_all_data_keys_and_all_else(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = Keys.generate()
    keys.write(path)
    wanted = keys.data_keys.prepared().switched().prepared()
    replace_data_keys(path, wanted, instead_of=keys.data_keys)
    again = Keys.read(path)
    assert again.data_keys == wanted
    assert (again.index_key, again.log_keys.public_keys) == (keys.index_key, keys.log_keys.public_keys)
    before = path.read_bytes()
    with pytest.raises(KeyFileError):
        replace_data_keys(path, keys.data_keys.prepared(), instead_of=keys.data_keys)
    assert path.read_bytes() == before


def test_every_sealed_column_is_known_with_the_place_of_its_values() -> None:
    of_bytes = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary) and column.name not in NOT_SEALED
    }
    assert {(one.table_name, one.column_name) for one in SEALED_COLUMNS} == of_bytes
    assert set(PLACES) == {one.column_name for one in SEALED_COLUMNS}
