"""Known answers are those of RFC 6962's reference implementation (Certificate Transparency's vectors)."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.merkle import (
    EMPTY_ROOT,
    Frontier,
    Subtree,
    consistency_path,
    folded,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    subtrees,
    verify_consistency,
    verify_inclusion,
)

CONTENTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
LEAVES = [leaf_hash(content) for content in CONTENTS]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SECOND_LEAF = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
THIRD_AND_FOURTH = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
FIFTH_LEAF = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
FIFTH_AND_SIXTH = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
SEVENTH_AND_EIGHTH = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
SECOND_HALF = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """The definition as RFC 6962 2.1 has it, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(naive_root(leaves[:middle]), naive_root(leaves[middle:]))


def made(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4)) for number in range(count)]


def proof(path: Sequence[range], leaves: Sequence[bytes]) -> list[bytes]:
    return [naive_root(leaves[under.start : under.stop]) for under in path]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root.hex() == folded(()).hex() == root_of(()).hex() == known


@pytest.mark.parametrize("size", range(1, 9))
def test_known_trees_have_their_known_roots(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "known"),
    [
        (0, 1, []),
        (0, 8, [SECOND_LEAF, THIRD_AND_FOURTH, SECOND_HALF]),
        (5, 8, [FIFTH_LEAF, SEVENTH_AND_EIGHTH, ROOTS[3]]),
        (2, 3, [ROOTS[1]]),
        (1, 5, [ROOTS[0], THIRD_AND_FOURTH, FIFTH_LEAF]),
    ],
)
def test_known_leaves_have_their_known_proofs(index: int, size: int, known: list[str]) -> None:
    hashes = proof(inclusion_path(index, size), LEAVES)
    assert [one.hex() for one in hashes] == known
    assert verify_inclusion(LEAVES[index], index, size, hashes, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(
    ("first", "second", "known"),
    [
        (1, 1, []),
        (1, 8, [SECOND_LEAF, THIRD_AND_FOURTH, SECOND_HALF]),
        (6, 8, [FIFTH_AND_SIXTH, SEVENTH_AND_EIGHTH, ROOTS[3]]),
        (2, 5, [THIRD_AND_FOURTH, FIFTH_LEAF]),
    ],
)
def test_known_trees_have_their_known_proofs_of_growth(first: int, second: int, known: list[str]) -> None:
    hashes = proof(consistency_path(first, second), LEAVES)
    assert [one.hex() for one in hashes] == known
    roots = [bytes.fromhex(ROOTS[size - 1]) for size in (first, second)]
    assert verify_consistency(first, second, hashes, first_root=roots[0], second_root=roots[1])


@given(st.lists(st.integers(0, 40), max_size=6))
def test_growing_by_any_steps_gives_the_root_of_the_definition(steps: list[int]) -> None:
    leaves, frontier = made(sum(steps)), Frontier()
    kept: dict[Subtree, bytes] = {}
    for step in steps:
        frontier, completed = frontier.extended(leaves[frontier.size : frontier.size + step])
        kept |= {Subtree(node.level, node.position): node.hash for node in completed}
    assert frontier.size == len(leaves)
    assert frontier.root == naive_root(leaves)
    expected = {
        Subtree(level, index): naive_root(leaves[index << level : (index + 1) << level])
        for level in range(1, len(leaves).bit_length())
        for index in range(len(leaves) >> level)
    }
    assert kept == expected


@given(st.integers(1, 200).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_every_leaf_is_proved_in_every_tree_that_holds_it_and_at_its_place_only(
    place: tuple[int, int],
) -> None:
    index, size = place
    leaves = made(size)
    root = naive_root(leaves)
    hashes = proof(inclusion_path(index, size), leaves)
    assert verify_inclusion(leaves[index], index, size, hashes, root)
    assert len(hashes) <= (size - 1).bit_length()
    assert not any(
        verify_inclusion(leaves[index], other, size, hashes, root)
        for other in range(-1, size + 1)
        if other != index
    )
    assert not verify_inclusion(leaf_hash(b"another"), index, size, hashes, root)
    assert not verify_inclusion(leaves[index], index, size, [*hashes, root], root)
    assert not hashes or not verify_inclusion(leaves[index], index, size, hashes[:-1], root)


@given(st.integers(1, 200).flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size))))
def test_every_tree_is_proved_to_be_the_beginning_of_every_later_one(sizes: tuple[int, int]) -> None:
    first, second = sizes
    leaves = made(second)
    roots = {"first_root": naive_root(leaves[:first]), "second_root": naive_root(leaves)}
    hashes = proof(consistency_path(first, second), leaves)
    assert verify_consistency(first, second, hashes, **roots)
    for name in roots:
        assert not verify_consistency(first, second, hashes, **(roots | {name: leaf_hash(b"another")}))
    assert not verify_consistency(first, second, [*hashes, EMPTY_ROOT], **roots)
    assert not hashes or not verify_consistency(first, second, hashes[:-1], **roots)
    assert not verify_consistency(second + 1, second, hashes, **roots)


@given(st.integers(1, 120), st.data())
def test_a_proof_with_any_hash_changed_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = made(size)
    first, index = data.draw(st.integers(1, size)), data.draw(st.integers(0, size - 1))
    for path in (inclusion_path(index, size), consistency_path(first, size)):
        for place in range(len(path)):
            hashes = proof(path, leaves)
            hashes[place] = leaf_hash(hashes[place])
            root = naive_root(leaves)
            assert not verify_inclusion(leaves[index], index, size, hashes, root)
            old = naive_root(leaves[:first])
            assert not verify_consistency(first, size, hashes, first_root=old, second_root=root)


def test_the_empty_tree_begins_every_tree_without_a_proof() -> None:
    root = bytes.fromhex(ROOTS[7])
    assert verify_consistency(0, 8, [], first_root=EMPTY_ROOT, second_root=root)
    assert not verify_consistency(0, 8, [root], first_root=EMPTY_ROOT, second_root=root)
    assert not verify_consistency(0, 8, [], first_root=root, second_root=root)


@given(st.integers(1, 10**12), st.integers(0, 10**12))
def test_leaves_under_a_hash_of_a_proof_are_few_complete_subtrees(size: int, index: int) -> None:
    for under in (*inclusion_path(index % size, size), *consistency_path(index % size + 1, size)):
        parts = subtrees(under)
        assert sum(1 << part.level for part in parts) == len(under)
        assert [part.level for part in parts] == sorted({part.level for part in parts}, reverse=True)
        assert parts[0].position << parts[0].level == under.start


def test_what_no_tree_has_is_refused() -> None:
    for index, size in ((0, 0), (1, 1), (-1, 3)):
        with pytest.raises(ValueError, match="no such leaf"):
            inclusion_path(index, size)
    for first, second in ((0, 3), (4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="no proof"):
            consistency_path(first, second)
    with pytest.raises(ValueError, match="not part of a tree"):
        subtrees(range(1, 3))
    for size, hashes in ((1, ()), (2, (EMPTY_ROOT, EMPTY_ROOT)), (-1, (EMPTY_ROOT,))):
        with pytest.raises(ValueError, match="do not fit"):
            Frontier(size, hashes)
