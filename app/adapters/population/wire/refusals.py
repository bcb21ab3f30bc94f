"""Tells a refusal (004, 005) and any other failure that an answer speaks of from an answer."""

import re
from collections.abc import Iterator
from typing import Final

from app.adapters.population.wire.node import Node
from app.errors import PopulationDatabaseError, PopulationDatabaseRefusedError

CODE_NAMES: Final = frozenset({"maloi", "error_code", "errorcode"})
"""Names, in small letters, of what says how the call went."""
_REFUSALS: Final = frozenset({"004", "005"})
_SUCCESSES: Final = frozenset({"0", "00", "000"})
_FAULT_TEXTS: Final = frozenset({"faultcode", "faultstring"})
# Not as the end of a longer number, a time or an address.
_ENDS_IN_REFUSAL: Final = re.compile(r"(?<![0-9])(?<![0-9][.,:])00[45]$")


def raise_failure(body: Node) -> None:
    """Return if the answer speaks of no failure.

    Raises:
        PopulationDatabaseRefusedError: the procedure (004) or the officer (005) is not licensed.
        PopulationDatabaseError: a SOAP fault, a code that is no success, or `"success": false`.
    """
    fault = body.find("Fault")
    codes = {node.text for node in _nodes(body) if node.name.lower() in CODE_NAMES and node.text}
    told = () if fault is None else fault.children
    texts = (node.text for node in told if node.name.lower() in _FAULT_TEXTS and node.text)
    if codes & _REFUSALS or any(_ENDS_IN_REFUSAL.search(text) for text in texts):
        raise PopulationDatabaseRefusedError
    has_failed = any(node.name == "Success" and node.text == "false" for node in body.children)
    if fault is not None or codes - _SUCCESSES or has_failed:
        raise PopulationDatabaseError


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        # What stands in a person's record is no word of the register about the call.
        if child.name != "CongDan":
            yield from _nodes(child)
