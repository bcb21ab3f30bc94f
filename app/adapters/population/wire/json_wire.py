"""The JSON of an LGSP: writes a question as one object, reads an answer strictly."""

import json
from typing import Any, Final, NoReturn

from app.adapters.population.wire.node import Node
from app.errors import PopulationDatabaseError

_DEEPEST: Final = 40
ITEM: Final = "Item"
"""Name of the elements of a JSON list, which has none of its own."""


def write(members: dict[str, Any]) -> bytes:
    """Write a question's members in the order given."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def read(answer: bytes) -> Node:
    """Return the answer as a tree, its names in the register's own form: `soDinhDanh` becomes `SoDinhDanh`.

    Raises:
        PopulationDatabaseError: not one JSON object in UTF-8, a name twice, or nested too deeply.
    """
    try:
        content = json.loads(
            answer.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_refuse_constant
        )
        answered = _node("Body", content, _DEEPEST)
    except (ValueError, RecursionError) as exc:
        # The text of the cause may quote the answer.
        raise PopulationDatabaseError from ValueError(type(exc).__name__)
    if not isinstance(content, dict):
        raise PopulationDatabaseError
    return answered


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name twice")
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _node(name: str, content: object, depth: int) -> Node:
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(content, dict):
        members = content.items()
        return Node(
            name, None, tuple(_node(key[:1].upper() + key[1:], value, depth - 1) for key, value in members)
        )
    if isinstance(content, list):
        return Node(name, None, tuple(_node(ITEM, value, depth - 1) for value in content))
    return Node(name, _text(content))


def _text(content: object) -> str | None:
    if content is None:
        return None
    if isinstance(content, bool):
        return "true" if content else "false"
    return str(content).strip() or None
