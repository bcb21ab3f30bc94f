"""Checks of the audit log's Merkle tree: computed anew from leaf hashes, whatever is stored above them."""

from collections.abc import Iterable, Sequence
from typing import Final

from app.domain.audit_findings import Findings
from app.domain.merkle import Frontier, Node

BLOCK_LEVEL: Final = 8
"""Subtrees of this level and of its multiples are stored."""

_BLOCK: Final = 1 << BLOCK_LEVEL


class TreeChecks:
    """A tree that grows with the leaves; `sizes` are those at which its root will be asked for."""

    def __init__(self, findings: Findings, sizes: Iterable[int]) -> None:
        self._findings = findings
        self._sizes = sorted(set(sizes), reverse=True)
        self._blocks = Frontier()
        self._tail: list[bytes] = []
        self.roots: dict[int, bytes] = {}
        # The empty tree's, which a log that was emptied is held against.
        self._take_roots([])

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return (self._blocks.size << BLOCK_LEVEL) + len(self._tail)

    @property
    def frontier(self) -> Frontier:
        """The tree as far as growing needs it."""
        return self._frontier(self._tail)

    def grow(self, leaves: Sequence[bytes]) -> list[Node]:
        """Append leaf hashes; return the nodes that are stored of what became complete."""
        self._tail += leaves
        stored: list[Node] = []
        while len(self._tail) >= _BLOCK:
            block = self._tail[:_BLOCK]
            # Not the root of the whole block: with it, larger subtrees may become complete.
            self._take_roots(block[:-1])
            (root,) = Frontier.of(block).hashes
            stored.append(Node(BLOCK_LEVEL, self._blocks.size, root))
            self._blocks, above = self._blocks.extended([root])
            stored += (
                Node(node.level + BLOCK_LEVEL, node.position, node.hash)
                for node in above
                if node.level % BLOCK_LEVEL == 0
            )
            del self._tail[:_BLOCK]
        self._take_roots(self._tail)
        return stored

    def compare(self, computed: Iterable[Node], stored: Iterable[Node]) -> None:
        """Tell where stored nodes differ from the computed ones of the same range."""
        for level, position in sorted({node[:2] for node in set(computed) ^ set(stored)}):
            first, last = position << level, (position + 1 << level) - 1
            self._findings.add(f"a stored hash over the records {first} to {last} is not theirs")

    def _take_roots(self, tail: Sequence[bytes]) -> None:
        """Compute the roots of those wanted sizes that lie within the tail."""
        begin = self._blocks.size << BLOCK_LEVEL
        while self._sizes and self._sizes[-1] <= begin + len(tail):
            size = self._sizes.pop()
            self.roots[size] = self._frontier(tail[: size - begin]).root

    def _frontier(self, tail: Sequence[bytes]) -> Frontier:
        size = (self._blocks.size << BLOCK_LEVEL) + len(tail)
        return Frontier(size, self._blocks.hashes + Frontier.of(tail).hashes)
