"""RFC 6962's Merkle tree: hashes, roots, proofs and their verification. Knows no record and no storage.

A tree of any size is made of complete subtrees, largest first. Their hashes never change, so whoever keeps
them gets each root and proof from as many hashes as the size has binary digits, times a small constant.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

EMPTY_ROOT: Final = hashlib.sha256().digest()

LEAF_PREFIX: Final = b"\x00"
_NODE_PREFIX: Final = b"\x01"


class Subtree(NamedTuple):
    """A complete subtree, the `1 << level` leaves from `position << level` on; on level 0 it is one leaf."""

    level: int
    position: int


class Node(NamedTuple):
    """A complete subtree's hash."""

    level: int
    position: int
    hash: bytes


def leaf_hash(content: bytes) -> bytes:
    """Hash a leaf's content."""
    return hashlib.sha256(LEAF_PREFIX + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees into the one above them."""
    return hashlib.sha256(_NODE_PREFIX + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """Fold the hashes of complete subtrees, largest first, into the hash of all their leaves."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes of one level, from the leftmost on."""
    return Frontier.of(hashes).root


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree as far as growing needs it: its size and the hashes of its complete subtrees, largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse a number of hashes that no tree of this size has."""
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("the frontier's hashes do not fit its size")

    @classmethod
    def of(cls, leaves: Sequence[bytes]) -> Self:
        """Build a tree level by level: many times as fast as appending the leaves one by one."""
        level: Sequence[bytes] = leaves
        complete: list[bytes] = []
        while level:
            if len(level) % 2:
                complete.append(level[-1])
            # Written out, not `node_hash`: whoever verifies a log spends a good part of his time here.
            level = [
                hashlib.sha256(_NODE_PREFIX + left + right).digest()
                for left, right in zip(level[::2], level[1::2], strict=False)
            ]
        return cls(len(leaves), tuple(reversed(complete)))

    @property
    def root(self) -> bytes:
        """The tree's root hash."""
        return folded(self.hashes)

    def extended(self, leaves: Iterable[bytes]) -> tuple["Frontier", list[Node]]:
        """Append leaf hashes; return the new frontier and the subtrees above them that became complete."""
        size, stack = self.size, list(self.hashes)
        completed: list[Node] = []
        for leaf in leaves:
            subtree, level = leaf, 0
            while size >> level & 1:
                subtree = node_hash(stack.pop(), subtree)
                level += 1
                completed.append(Node(level, size >> level, subtree))
            stack.append(subtree)
            size += 1
        return Frontier(size, tuple(stack)), completed


def subtrees(leaves: range) -> tuple[Subtree, ...]:
    """Cut leaves into complete subtrees, largest first.

    Raises:
        ValueError: they do not begin where a subtree as large as the largest one in them begins.
    """
    start, found = leaves.start, []
    for level in range(len(leaves).bit_length() - 1, -1, -1):
        if len(leaves) >> level & 1:
            if start % (1 << level):
                raise ValueError("these leaves are not part of a tree")
            found.append(Subtree(level, start >> level))
            start += 1 << level
    return tuple(found)


def inclusion_path(index: int, size: int) -> tuple[range, ...]:
    """Name the leaves under each hash of the proof that a tree of `size` holds leaf `index`.

    Raises:
        ValueError: it holds no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range(middle, end))
            end = middle
        else:
            path.append(range(start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_path(first: int, second: int) -> tuple[range, ...]:
    """Name the leaves under each hash of the proof that a tree of `second` leaves begins with one of `first`.

    Raises:
        ValueError: the first tree is empty or larger than the second.
    """
    if not 0 < first <= second:
        raise ValueError("no proof between trees of these sizes")
    path, start, end = [], 0, second
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(range(middle, end))
            end = middle
        else:
            path.append(range(start, middle))
            start = middle
    if start:
        # Without this hash the verifier could not rebuild the first tree; all of it, he knows already.
        path.append(range(start, end))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, hashes: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the hashes prove that the tree has `leaf` at `index`, as RFC 9162 2.1.3.2 does it."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in hashes:
        if not last:
            return False
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    return not last and current == root


def verify_consistency(
    first: int, second: int, hashes: Sequence[bytes], *, first_root: bytes, second_root: bytes
) -> bool:
    """Tell whether the hashes prove that the second tree only added leaves to the first (RFC 9162 2.1.4.2).

    Every tree begins with the empty one, for which there is nothing to prove.
    """
    if first in (second, 0):
        is_same = first_root == second_root if first else first_root == EMPTY_ROOT
        return is_same and not hashes
    if not 0 < first < second or not hashes:
        return False
    # A first tree that is one complete subtree is known to the verifier and left out of the proof.
    known, *rest = hashes if first.bit_count() > 1 else (first_root, *hashes)
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = known
    for sibling in rest:
        if not last:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return not last and old == first_root and new == second_root


def _split(size: int) -> int:
    """Return the largest power of two below `size`: how many leaves its left half has."""
    return 1 << (size - 1).bit_length() - 1
