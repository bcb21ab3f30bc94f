"""Checks of the audit log's records, one after the other: sequence, leaf hash, columns, lookups, persons.

What is kept in memory are the lookups open at the moment, however many records there are.
"""

import hashlib
import json
from binascii import a2b_base64
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from app.domain.audit_event import AuditKind
from app.domain.audit_findings import Findings
from app.domain.audit_record import CLOSING
from app.domain.merkle import LEAF_PREFIX
from app.domain.pruned_parts import PrunedParts

Subject = tuple[int, bytes, str]
"""A person concerned: `sequence, ref, role`."""

Row = tuple[Any, ...]
"""A stored record: `sequence, leaf_hash, record`, then `COLUMNS`, then `closes`.

Ids and times are texts as the record has them. Types are not to be relied on: SQLite stores what it is given.
"""

COLUMNS: Final = (
    "event_id",
    "kind",
    "at",
    "lookup_id",
    "lookup_kind",
    "officer",
    "agency",
    "client",
    "procedure_code",
    "receipt_number",
    "result",
)
"""Columns that repeat members of the record, under the same names."""

MOST_OPEN: Final = 200_000
"""Lookups that may be open at once; no log that the service has written comes near."""

OPEN_AT_MOST: Final = timedelta(hours=1)
"""A lookup that is still open so long before the newest record is one that the sweep should have closed."""

_LEFT: Final = frozenset({"event_id", "kind", "at", "agency"})
_MEMBERS: Final = itemgetter(*COLUMNS)
_REPEATED: Final = slice(3, 3 + len(COLUMNS))
_DECODER: Final = json.JSONDecoder()
_INTENT: Final = AuditKind.INTENT.value
_CLOSING: Final = frozenset(kind.value for kind in CLOSING)


class RecordChecks:
    """Reads records in the order of their sequences, in any number of steps; `finish` it at the end."""

    def __init__(self, findings: Findings, parts: PrunedParts) -> None:
        """Take findings; content may be missing in these parts of the log."""
        self._findings = findings
        self._parts = parts
        self._pruned_until = parts.until
        self.pruned = 0
        self._open: dict[Any, tuple[int, Any]] = {}
        self._pairs_lookups = True
        self._newest_at: Any = None
        self.read_until = 0
        self.has_gap = False
        self._sound: set[int] = set()
        self._subjects: set[Subject] = set()

    @property
    def open_lookups(self) -> int:
        """How many INTENTs nothing has closed."""
        return len(self._open)

    def read(self, rows: Iterable[Row]) -> list[bytes]:
        """Check records; return their leaf hashes as stored, none from the first gap on."""
        leaves: list[bytes] = []
        expected = self.read_until
        for row in rows:
            sequence, leaf, content, _, kind, at, lookup_id = row[:7]
            if sequence != expected:
                self._tell_gap(sequence, expected)
                if sequence < expected:
                    continue
            expected = sequence + 1
            if sequence < self._pruned_until and not self._parts.may_reach(sequence, at):
                self._findings.add(
                    "a pruning reached past it, and it is of a day that was to be kept", sequence
                )
            if content is None:
                leaf = self._pruned_leaf(row)
                if not self.has_gap:
                    leaves.append(leaf)
                continue
            record = _sound(row, leaf, content)
            if record is None:
                self._findings.add(_fault(row), sequence)
                leaf = leaf if _is_hash(leaf) else bytes(32)
            else:
                self._sound.add(sequence)
                self._subjects.update(_subjects(sequence, record))
            if kind == _INTENT or kind in _CLOSING:
                self._pair(kind, lookup_id, sequence, at)
            if not self.has_gap:
                leaves.append(leaf)
            self._newest_at = at
        self.read_until = expected
        return leaves

    def compare_subjects(self, stored: Iterable[Subject]) -> None:
        """Compare whom the records read since the last comparison concern with the table that says so."""
        differing = {subject[0] for subject in self._subjects.symmetric_difference(stored)}
        # What a record that is missing or not sound would say, nobody knows.
        for sequence in sorted(differing & self._sound):
            self._findings.add("the table of persons concerned differs from the record", sequence)
        self._sound.clear()
        self._subjects.clear()

    def finish(self, size: int) -> None:
        """Tell what only the end shows; `size` is the log's size by its head."""
        if self.read_until < size:
            self._tell_gap(size, self.read_until)
        for sequence, at in self._open.values():
            if _is_overdue(at, self._newest_at):
                self._findings.add("the INTENT has neither OUTCOME nor ABANDONED", sequence)

    def _pruned_leaf(self, row: Row) -> bytes:
        """Check a record without content; return its leaf hash: the tree shows whether it is true."""
        sequence, leaf = row[:2]
        self.pruned += 1
        if not _is_hash(leaf):
            self._findings.add("the leaf hash is not of the stored type", sequence)
            leaf = bytes(32)
        if sequence >= self._pruned_until:
            self._findings.add("the content is missing, and no record says that it was pruned", sequence)
        left = [name for name, value in zip((*COLUMNS, "closes"), row[3:], strict=True) if value is not None]
        if set(left) - _LEFT:
            self._findings.add("a pruned record still has columns of its content", sequence)
        self._sound.add(sequence)
        return bytes(leaf)

    def _tell_gap(self, sequence: int, expected: int) -> None:
        if sequence < expected:
            self._findings.add("the sequence stands twice", sequence)
            return
        self.has_gap = True
        if sequence == expected + 1:
            self._findings.add("the record is missing", expected)
        else:
            self._findings.add(f"the records up to {sequence - 1} are missing", expected)

    def _pair(self, kind: Any, lookup_id: Any, sequence: int, at: Any) -> None:  # noqa: ANN401 - as stored
        if not self._pairs_lookups:
            return
        if kind != _INTENT:
            # A pruning that is not through yet may have dropped the INTENT's content before this.
            may_be_pruned = self.pruned and sequence < self._pruned_until
            if self._open.pop(lookup_id, None) is None and not may_be_pruned:
                self._findings.add(f"the {kind} ends a lookup that was not open", sequence)
            return
        if lookup_id is None or lookup_id in self._open:
            self._findings.add("the INTENT begins no lookup of its own", sequence)
            return
        self._open[lookup_id] = (sequence, at)
        if len(self._open) > MOST_OPEN:
            self._findings.add(f"more than {MOST_OPEN} lookups are open at once", sequence)
            self._pairs_lookups = False
            self._open.clear()


def _sound(row: Row, leaf: Any, content: Any) -> Any:  # noqa: ANN401 - as stored
    """Return the record if the leaf hash and all columns are those of its bytes, else None."""
    try:
        if hashlib.sha256(LEAF_PREFIX + content).digest() != leaf:
            return None
        repeated, record = row[_REPEATED], _parsed(content)
        is_sound = _MEMBERS(record) == repeated and row[-1] == _closes(repeated)
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return record if is_sound else None


def _subjects(sequence: int, record: Any) -> list[Subject]:  # noqa: ANN401 - JSON
    return [(sequence, a2b_base64(subject["ref"]), subject["role"]) for subject in record["subjects"]]


def _fault(row: Row) -> str:
    """Say what is wrong with a record that is not sound."""
    leaf, content = row[1:3]
    if not isinstance(content, bytes) or not _is_hash(leaf):
        return "the record or its leaf hash is not of the stored type"
    if hashlib.sha256(LEAF_PREFIX + content).digest() != leaf:
        return "the leaf hash is not that of the record"
    try:
        members = _MEMBERS(_parsed(content))
    except (KeyError, TypeError, ValueError, RecursionError):
        return "the record is not of our format"
    pairs = zip(COLUMNS, members, row[_REPEATED], strict=True)
    wrong = [name for name, member, column in pairs if member != column]
    return f"not as in the record: {', '.join(wrong or ['closes'])}"


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - JSON
    text = content.decode()
    value, end = _DECODER.raw_decode(text)
    if end != len(text):
        raise ValueError("not one JSON value")
    return value


def _closes(repeated: Row) -> Any:  # noqa: ANN401 - as stored
    return repeated[3] if repeated[1] in _CLOSING else None


def _is_hash(leaf: Any) -> bool:  # noqa: ANN401 - as stored
    return isinstance(leaf, bytes) and len(leaf) == hashlib.sha256().digest_size


def _is_overdue(at: Any, newest: Any) -> bool:  # noqa: ANN401 - as stored
    try:
        return datetime.fromisoformat(newest) - datetime.fromisoformat(at) > OPEN_AT_MOST
    except (TypeError, ValueError):
        # Not a time at all: another finding says so, and the lookup is at any rate not one of just now.
        return True
