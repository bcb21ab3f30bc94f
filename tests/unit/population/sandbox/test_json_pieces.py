"""Pieces are what `json.loads` gives, wherever the file's chunks end, and their extents are exact."""

import io
import json
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.population.sandbox import json_pieces
from app.adapters.population.sandbox.json_pieces import PieceError, read_pieces


class Dripping(io.BytesIO):
    """A file that gives a few bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self._step = step

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        return super().read(self._step)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def gathered(file: BinaryIO) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for piece in read_pieces(file):
        if piece.item is None:
            members[piece.member] = piece.value
        else:
            members.setdefault(piece.member, []).append(piece.value)
            assert len(members[piece.member]) == piece.item + 1
    return members


@given(
    st.dictionaries(TEXT, VALUES, max_size=6),
    st.sampled_from([None, 1, "\t", " \n"]),
    st.booleans(),
    st.integers(1, 40),
)
def test_pieces_make_up_the_whole_and_stand_where_they_say(
    content: dict[str, Any], indent: int | str | None, is_ascii: bool, step: int
) -> None:
    encoded = json.dumps(content, indent=indent, ensure_ascii=is_ascii).encode()
    pieces = list(read_pieces(Dripping(encoded, step)))
    members = gathered(Dripping(encoded, step))
    assert members == {name: value for name, value in content.items() if value != []}
    for piece in pieces:
        assert json.loads(encoded[piece.start : piece.start + piece.length]) == piece.value


@given(st.dictionaries(TEXT, VALUES, max_size=6), st.data(), st.integers(1, 40))
def test_a_file_cut_anywhere_is_a_fault(content: dict[str, Any], data: st.DataObject, step: int) -> None:
    encoded = json.dumps(content, ensure_ascii=False).encode()
    cut = data.draw(st.integers(0, len(encoded) - 1))
    with pytest.raises(PieceError):
        gathered(Dripping(encoded[:cut], step))


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[1]", "{]", '{"a" 1}', '{"a": }', '{"a": 1,}', '{"a": 1 "b": 2}', '{"a": [1,]}',
        '{"a": [1 2]}', '{"a": 1}}', '{"a": 1} {}', "{1: 2}", '{"a": 1, "a": 2}', '{"a": 01}', "{'a': 1}",
        '\ufeff{"a": 1}',
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)  # fmt: skip
def test_what_is_not_one_json_object_is_a_fault(text: str) -> None:
    with pytest.raises(PieceError):
        gathered(io.BytesIO(text.encode()))


def test_a_fault_tells_its_byte() -> None:
    with pytest.raises(PieceError, match="at byte 14"):
        gathered(io.BytesIO('{"á": ["é", ư]}'.encode()))


def test_a_value_that_does_not_end_is_given_up_before_the_file_is_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_pieces, "_LARGEST_VALUE", 100)
    file = Dripping(b'{"a": "' + b"x" * 10_000, 50)
    with pytest.raises(PieceError):
        gathered(file)
    assert file.tell() < 1_000
