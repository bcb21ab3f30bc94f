"""The form of what a kind of problem looks like to the outside."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from app.languages import Text


class Entry(NamedTuple):
    """One kind of problem. `pointer` is what a 422 is usually about.

    `detail_named` replaces `detail` when the error names words of the contract's vocabulary; for those that
    an officer would not understand, `named_words` has others.
    """

    status: int
    title: Text
    detail: Text
    pointer: str = ""
    detail_named: Text | None = None
    named_words: Mapping[str, Text] = MappingProxyType({})
