"""An answer of the register as a tree of named texts, whichever syntax it came in."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """One element by its local name; its attributes stand among the children.

    `text` is None where it is blank. Never changed; not frozen, because a record has dozens of them and a
    frozen one takes three times as long to make.
    """

    name: str
    text: str | None = field(default=None, repr=False)
    children: tuple["Node", ...] = field(default=(), repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is no text in it, however deep."""
        if self.text is not None:
            return False
        for child in self.children:  # noqa: SIM110 - a generator for each element costs more than the rest
            if not child.is_empty:
                return False
        return True

    def child(self, name: str) -> "Node | None":
        """Return the first child of that name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def value(self, name: str) -> str | None:
        """Return the text of the first child of that name."""
        child = self.child(name)
        return None if child is None else child.text

    def find_all(self, name: str) -> Iterator["Node"]:
        """Yield the topmost elements of that name below this one, in their order."""
        for child in self.children:
            if child.name == name:
                yield child
            else:
                yield from child.find_all(name)

    def find(self, name: str) -> "Node | None":
        """Return the first of `find_all`."""
        return next(self.find_all(name), None)
