"""The JSON of an LGSP: writes a question as one object, reads an answer strictly."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from app.adapters.population.wire.node import Node
from app.errors import PopulationDatabaseError

_DEEPEST: Final = 40
_DATA: Final = frozenset({"data", "Data"})
_SURROGATE: Final = "\\ud"
ITEM: Final = "Item"
"""Name of the elements of a JSON list, which has none of its own."""


@dataclass(slots=True)
class _Member(Node):
    """A member of an object, or an element of a list. Never changed, and not frozen: that is dear to make."""

    name: str
    text: str | None = field(default=None, repr=False)
    children: tuple["_Member", ...] = field(default=(), repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is no text in it."""
        if self.text is not None:
            return False
        for child in self.children:  # noqa: SIM110 - a generator for each element costs more than the rest
            if not child.is_empty:
                return False
        return True

    def child(self, name: str) -> "_Member | None":
        """Return the first child of that name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def find_all(self, name: str) -> Iterator["_Member"]:
        """Yield the topmost elements of that name."""
        for child in self.children:
            if child.name == name:
                yield child
            else:
                yield from child.find_all(name)


def write(members: dict[str, Any]) -> bytes:
    """Write a question's members in the order given."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def read(answer: bytes) -> Node:
    """Return the answer as a tree, its names in the register's own form: `soDinhDanh` becomes `SoDinhDanh`.

    Raises:
        PopulationDatabaseError: not one JSON object in UTF-8, a name twice, half a character, or too deep.
    """
    try:
        text = answer.decode("utf-8")
        content = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
        if _SURROGATE in text.lower():
            # A lone one is no character, and no answer of ours could be written with it.
            json.dumps(content, ensure_ascii=False).encode()
        answered = _member("Body", _without_blank_data(content), _DEEPEST)
    except (ValueError, RecursionError) as exc:
        # The text of the cause may quote the answer.
        raise PopulationDatabaseError from ValueError(type(exc).__name__)
    if not isinstance(content, dict):
        raise PopulationDatabaseError
    return answered


def _without_blank_data(content: object) -> object:
    """Leave out a list or text without anything in it where the answer belongs: only null says "nobody"."""
    if not isinstance(content, dict):
        return content
    return {
        name: value
        for name, value in content.items()
        if not (name in _DATA and isinstance(value, list | str) and _member(name, value, _DEEPEST).is_empty)
    }


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _member(name: str, content: object, depth: int) -> _Member:
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(content, dict):
        members = content.items()
        return _Member(
            name, None, tuple(_member(key[:1].upper() + key[1:], value, depth - 1) for key, value in members)
        )
    if isinstance(content, list):
        return _Member(name, None, tuple(_member(ITEM, value, depth - 1) for value in content))
    return _Member(name, _text(content))


def _text(content: object) -> str | None:
    if content is None:
        return None
    if isinstance(content, bool):
        return "true" if content else "false"
    return str(content).strip() or None
