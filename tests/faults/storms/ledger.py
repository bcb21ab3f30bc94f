"""What was asked of the service and what it acknowledged: nothing of the latter may ever be missing."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Filled by the load, held against the database by the invariants."""

    lookups: dict[str, int] = field(default_factory=dict)
    """Answered lookups, with the sequence of their OUTCOME."""

    keys: dict[str, None] = field(default_factory=dict)
    """Idempotency keys of registrations that were sent, in order."""

    cases: dict[str, str] = field(default_factory=dict)
    """Receipt numbers by the keys of acknowledged registrations."""

    untouched: list[str] = field(default_factory=list)
    """Receipt numbers of acknowledged cases of which no change was sent yet."""

    moves: dict[str, str] = field(default_factory=dict)
    """Receipt numbers by the keys of status changes that were sent."""

    moved: set[str] = field(default_factory=set)
    """Keys of acknowledged status changes."""

    statuses: Counter[str] = field(default_factory=Counter)
    """What was answered, by status and code; `none` where the connection ended without an answer."""

    surprises: list[str] = field(default_factory=list)
    """Answers that none of our faults explains."""

    @property
    def acknowledged(self) -> int:
        """How many requests were acknowledged."""
        return len(self.lookups) + len(self.cases) + len(self.moved)

    @property
    def unknown_keys(self) -> list[str]:
        """Registrations of which nobody knows whether they were made."""
        return [key for key in self.keys if key not in self.cases]

    @property
    def unknown_moves(self) -> list[str]:
        """Status changes of which nobody knows whether they were made."""
        return [key for key in self.moves if key not in self.moved]
