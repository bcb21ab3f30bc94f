"""Marks cases with what they can be found by: numbers that only who has the key can make from words."""

from collections.abc import Collection
from typing import Final

from app.db import case_words
from app.db.cases import CaseRow
from app.db.engine import BlockingSession
from app.domain.case import CaseContent
from app.domain.case_search import CaseCriteria, words_sought, words_to_mark
from app.keys.sealing import Sealer

APPLICANT: Final = "case.applicant"
"""Use of the references by which applicants' numbers are found."""

_USE: Final = "case.word"
_MARK_BYTES: Final = 8


class CaseWords:
    """The marks of cases."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def marks(self, content: CaseContent) -> frozenset[int]:
        """Give the marks of a case with this content."""
        return self._marks(words_to_mark(content))

    def sought(self, criteria: CaseCriteria) -> frozenset[int]:
        """Give the marks that every case meeting the criteria has."""
        return self._marks(words_sought(criteria))

    def applicant(self, id_number: str | None) -> bytes | None:
        """Give the reference of an applicant's number."""
        return None if id_number is None else self._sealer.reference(id_number, use=APPLICANT)

    def put(self, session: BlockingSession, row: CaseRow, content: CaseContent) -> None:
        """Mark a case with its content; marks of what it had before stay, and mislead nobody for long."""
        case_words.add_words(session, row.received_at, self.marks(content))

    def _marks(self, words: Collection[str]) -> frozenset[int]:
        return frozenset(
            # Two words might share a mark: what is found is opened and compared anyway.
            int.from_bytes(self._sealer.reference(word, use=_USE)[:_MARK_BYTES], "big", signed=True)
            for word in words
        )
