"""Checks of the audit log's Merkle tree: computed anew from leaf hashes, whatever is stored above them."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from app.domain.audit_findings import Findings
from app.domain.merkle import Frontier, Node

BLOCK_LEVEL: Final = 8
"""Subtrees of this level and of its multiples are stored."""

_BLOCK: Final = 1 << BLOCK_LEVEL


class SignedRoot(NamedTuple):
    """The root that the log had at a size, as a signed checkpoint says that is kept at `place`."""

    size: int
    root: bytes
    place: str


class TreeChecks:
    """A tree that grows with the leaves, and is held against signed roots on the way.

    What is wrong with the stored hashes goes to `findings`; where the tree differs from what was signed, to
    `contradictions`, which say nothing more where a record is missing.
    """

    def __init__(self, findings: Findings, signed: Iterable[SignedRoot]) -> None:
        """Take signed roots in the order of their sizes; each is read when the tree is about to need it."""
        self._findings = findings
        self.contradictions = Findings()
        self._blocks = Frontier()
        self._tail: list[bytes] = []
        self._signed = iter(signed)
        self._next = next(self._signed, None)
        self._newest = (0, self._blocks.root)
        # The empty tree's, which a log that was emptied is held against.
        self._compare_roots([])

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
            self._compare_roots(block[:-1])
            (root,) = Frontier.of(block).hashes
            stored.append(Node(BLOCK_LEVEL, self._blocks.size, root))
            self._blocks, above = self._blocks.extended([root])
            stored += (
                Node(node.level + BLOCK_LEVEL, node.position, node.hash)
                for node in above
                if node.level % BLOCK_LEVEL == 0
            )
            del self._tail[:_BLOCK]
        self._compare_roots(self._tail)
        return stored

    def compare(self, computed: Iterable[Node], stored: Iterable[Node]) -> None:
        """Tell where stored nodes differ from the computed ones of the same range."""
        for level, position in sorted({node[:2] for node in set(computed) ^ set(stored)}):
            first, last = position << level, (position + 1 << level) - 1
            self._findings.add(f"a stored hash over the records {first} to {last} is not theirs")

    def finish(self) -> None:
        """Read the signed roots that are left: of records that there should be."""
        while self._next is not None:
            told, self._next = self._next, next(self._signed, None)
            self.contradictions.add(
                f"the log ends before the checkpoint of size {told.size} in {told.place}: its tail was cut "
                "or an old backup restored",
                self.size,
            )

    def _compare_roots(self, tail: Sequence[bytes]) -> None:
        """Compare the signed roots of those sizes that lie within the tail."""
        begin = self._blocks.size << BLOCK_LEVEL
        while self._next is not None and self._next.size <= begin + len(tail):
            told, self._next = self._next, next(self._signed, None)
            if told.size != self._newest[0]:
                self._newest = (told.size, self._frontier(tail[: told.size - begin]).root)
            if self._newest[1] != told.root:
                self.contradictions.add(
                    f"the first {told.size} records are not those that the checkpoint in {told.place} was "
                    "signed for"
                )

    def _frontier(self, tail: Sequence[bytes]) -> Frontier:
        size = (self._blocks.size << BLOCK_LEVEL) + len(tail)
        return Frontier(size, self._blocks.hashes + Frontier.of(tail).hashes)
