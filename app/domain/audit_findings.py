"""What a verifier of the audit log found wrong. Texts name sequences, sizes and columns, never a value."""

from dataclasses import dataclass
from typing import Final

_KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that no sound log has; `sequence` is the first record concerned, None for the whole log."""

    what: str
    sequence: int | None = None


class Findings:
    """Counts all findings and keeps the first ones, so that a log full of faults takes no memory."""

    def __init__(self) -> None:
        self._first: list[Finding] = []
        self.count = 0

    def add(self, what: str, sequence: int | None = None) -> None:
        """Take a finding."""
        self.count += 1
        self._first.append(Finding(what, sequence))
        if len(self._first) > 2 * _KEPT:
            self._first = self._sorted()

    def take(self, others: "Findings") -> None:
        """Take findings that were gathered apart."""
        self.count += others.count
        self._first += others.first
        self._first = self._sorted()

    @property
    def first(self) -> tuple[Finding, ...]:
        """The findings of the lowest sequences, those of the log as a whole after them."""
        return tuple(self._sorted())

    def _sorted(self) -> list[Finding]:
        key = sorted(self._first, key=lambda one: (one.sequence is None, one.sequence or 0))
        return key[:_KEPT]
