"""Signed checkpoints of all places as one course in the order of their sizes, as a verifier needs them.

There may be millions, so none is kept but those that are out of order where they stand. Somebody who writes
a forged one of a far larger size into the anchor makes all after it such, and the verification need memory.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from operator import attrgetter
from typing import Final

from app.domain.audit_findings import Findings
from app.domain.checkpoint import CheckpointMalformedError
from app.domain.tree_checks import SignedRoot
from app.keys.log_keys import CheckpointNotSignedError, verified
from app.services.checkpoint_anchor import AnchoredCheckpoint, CheckpointAnchor

_SIZE: Final = attrgetter("size")

# In the order of sizes, the same note kept in the database and outside comes twice: it is verified once.
_verified: Final = lru_cache(maxsize=8)(verified)


@dataclass(frozen=True, slots=True)
class KeptNote:
    """A signed checkpoint and where it is kept; `made_at` and `root` are what that place says beside it."""

    place: str
    size: int
    note: str
    made_at: datetime | None = None
    root: bytes | None = None


KeptNotes = Callable[[], Iterable[KeptNote]]
"""Reads what a place keeps, from the beginning, and the same each time."""


def notes_of(anchor: CheckpointAnchor, *, whose: str = "") -> KeptNotes:
    """Give what the anchor has at this moment; `whose` stands before the name of each place.

    Raises:
        OSError: the anchor's directory cannot be read; so may reading the notes.
    """
    return partial(_read, anchor.as_it_is(), whose)


class SignedNotes:
    """Checks whether notes are signed by the log's keys, and counts those that are.

    What is wrong with a note goes to `findings`; what is beside it and differs, to `contradictions`.
    """

    def __init__(self, findings: Findings, *, origin: str, public_keys: Sequence[bytes]) -> None:
        self._findings = findings
        self.contradictions = Findings()
        self._origin = origin
        self._public_keys = tuple(public_keys)
        self.count = 0

    def in_order(self, notes: KeptNotes) -> Iterator[SignedRoot]:
        """Yield what is signed in the order of the sizes.

        The notes are read twice: first for those that are out of order, which are all that is kept.
        """
        strays = sorted(self._signed(kept for is_in_place, kept in _seen(notes()) if not is_in_place))
        others = self._signed(kept for is_in_place, kept in _seen(notes()) if is_in_place)
        return heapq.merge(others, strays, key=_SIZE)

    def _signed(self, notes: Iterable[KeptNote]) -> Iterator[SignedRoot]:
        for kept in notes:
            try:
                told = _verified(kept.note, origin=self._origin, public_keys=self._public_keys)
            except (CheckpointMalformedError, CheckpointNotSignedError):
                self._findings.add(
                    f"the checkpoint of size {kept.size} in {kept.place} is not signed by the log's keys"
                )
                continue
            self.count += 1
            if told.size != kept.size:
                self._findings.add(
                    f"the checkpoint in {kept.place} stands for size {kept.size} and says {told.size}"
                )
            elif kept.root not in {None, told.root}:
                self.contradictions.add(
                    f"the root beside the checkpoint of size {kept.size} is not the one signed"
                )
            yield SignedRoot(told.size, told.root, kept.place)


def _seen(notes: Iterable[KeptNote]) -> Iterator[tuple[bool, KeptNote]]:
    """Tell of each note whether it is of the size that it stands for, no smaller than those before."""
    largest = 0
    for kept in notes:
        # The second line of a checkpoint, which is read as a whole only once.
        is_in_place = kept.note.split("\n", 2)[1:2] == [str(kept.size)] and kept.size >= largest
        if is_in_place:
            largest = kept.size
        yield is_in_place, kept


def _read(anchored: Callable[[], Iterable[AnchoredCheckpoint]], whose: str) -> Iterator[KeptNote]:
    for found in anchored():
        yield KeptNote(f"{whose}{found.place}", found.size, found.note, found.made_at)
