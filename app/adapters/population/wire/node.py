"""An answer of the register as a tree of named texts, whichever syntax it came in."""

from collections.abc import Iterator, Sequence
from typing import Protocol


class Node(Protocol):
    """One element by its local name; its attributes stand among the children."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Its name, without a namespace."""
        ...

    @property
    def text(self) -> str | None:
        """Its own text; None where it is blank."""
        ...

    @property
    def children(self) -> Sequence["Node"]:
        """What stands in it, in its order."""
        ...

    @property
    def is_empty(self) -> bool:
        """Whether there is no text in it, however deep."""
        ...

    def child(self, name: str) -> "Node | None":
        """Return the first child of that name."""
        ...

    def value(self, name: str) -> str | None:
        """Return the text of the first child of that name."""
        child = self.child(name)
        return None if child is None else child.text

    def find_all(self, name: str) -> Iterator["Node"]:
        """Yield the topmost elements of that name below this one, in their order."""
        ...

    def find(self, name: str) -> "Node | None":
        """Return the first of `find_all`."""
        return next(self.find_all(name), None)
