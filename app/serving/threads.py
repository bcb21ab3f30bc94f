"""How threads share Python's one lock (GIL): those of the database beside the event loop's."""

import sys
from typing import Final

_TURN_SECONDS: Final = 0.000_5


def take_short_turns() -> None:
    """Let a thread that wants to go on ask for its turn after half a millisecond, not after Python's five.

    A transaction waits for its turn again after each of a dozen statements, and all lookups wait for the
    audit log's: with a busy event loop that is most of what an append takes.
    """
    sys.setswitchinterval(_TURN_SECONDS)
