"""A page of a list that is ordered by a key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item_co = TypeVar("Item_co", covariant=True)


@dataclass(frozen=True, slots=True)
class KeyedPage(Generic[Item_co]):
    """One page; `next_key` is the key after which the next begins, None on the last."""

    items: tuple[Item_co, ...]
    next_key: str | None

    @classmethod
    def cut(
        cls, found: Sequence[Item_co], limit: int, *, key: Callable[[Item_co], str]
    ) -> "KeyedPage[Item_co]":
        """Make the page of what was found, of which one more than `limit` tells that others follow."""
        return cls(tuple(found[:limit]), key(found[limit - 1]) if len(found) > limit else None)
