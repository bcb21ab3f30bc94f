"""How cases are found by what was written in them: without regard to case and diacritics, by words.

What is written is stored encrypted only. A keyed mark of each word's beginning narrows a search down; what it
finds is opened and compared here, so that marks may be short and few.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from app.domain.case import CaseContent
from app.domain.partial_date import PartialDate

# With two letters a common syllable is found among hundreds, with four nearly all of it is known.
_LENGTHS: Final = (2, 4)
_PAIR: Final = 2
_WORD: Final = re.compile(r"[^\W_]+")
# Those of Vietnamese are among them; others are looked up one by one.
_MARKS: Final = re.compile("[\u0300-\u034e\u0350-\u036f]")

NAME: Final = "name"
ORGANIZATION: Final = "organization"
BIRTH: Final = "birth"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCriteria:
    """What a case must have written in it; None leaves it open. A birth date may be a shorter form."""

    id_number: str | None = field(default=None, repr=False)
    full_name: str | None = field(default=None, repr=False)
    birth_date: str | None = field(default=None, repr=False)
    organization_name: str | None = field(default=None, repr=False)
    receipt_number: str | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether nearly all that its marks let through meets it: pairs of three words may stand apart."""
        return all(
            len(folded_words(text or "")) <= _PAIR for text in (self.full_name, self.organization_name)
        )

    def meeting(self) -> Callable[[CaseContent], bool]:
        """Give a test of whether what was written in a case meets all of it, the receipt number left out."""
        name, organization = _line(self.full_name), _line(self.organization_name)
        birth_date = None if self.birth_date is None else PartialDate.parse(self.birth_date)

        def is_met_by(content: CaseContent) -> bool:
            applicant = content.applicant
            return (
                self.id_number in {None, applicant.id_number}
                and name in _line(applicant.full_name if name else None)
                and organization in _line(content.organization_name if organization else None)
                and (birth_date is None or birth_date.is_form_of(PartialDate.parse(applicant.birth_date)))
            )

        return is_met_by


def folded_words(text: str) -> list[str]:
    """Give the words of a text in small letters without diacritics, d for đ."""
    # The letter apostrophe stands for the mark, as in names: it parts words, and is no letter of one.
    apart = unicodedata.normalize("NFD", text.casefold().replace("\u02bc", "'"))
    # Eth is what broken conversions of old data left in place of đ.
    plain = _MARKS.sub("", apart).replace("đ", "d").replace("ð", "d")
    if not plain.isascii():
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(plain)


def words_to_mark(content: CaseContent) -> frozenset[str]:
    """Give what is to be marked of a case: beginnings of words and of pairs of them, birth date and year."""
    birth_date = content.applicant.birth_date
    return frozenset(
        {
            *_beginnings(NAME, content.applicant.full_name),
            *_beginnings(ORGANIZATION, content.organization_name or ""),
            f"{BIRTH}:{birth_date}",
            f"{BIRTH}:{birth_date[:4]}",
        }
    )


def words_sought(criteria: CaseCriteria) -> frozenset[str]:
    """Give what must be marked of a case that meets the criteria; the fewer, the more is left to compare."""
    sought = {
        *_sought(NAME, criteria.full_name or ""),
        *_sought(ORGANIZATION, criteria.organization_name or ""),
    }
    if criteria.birth_date is not None:
        # A month has no mark of its own: few search for one.
        is_month = len(criteria.birth_date) == len("YYYY-MM")
        sought.add(f"{BIRTH}:{criteria.birth_date[:4] if is_month else criteria.birth_date}")
    return frozenset(sought)


def _line(text: str | None) -> str:
    """Write words so that one text in another begins one of its words; nothing is in every text."""
    return "".join(f" {word}" for word in folded_words(text or ""))


def _beginnings(kind: str, text: str) -> Iterator[str]:
    words = folded_words(text)
    for word in words:
        yield from (f"{kind}:{word[:length]}" for length in _LENGTHS if len(word) >= length)
        if len(word) < _LENGTHS[0]:
            yield f"{kind}:{word}"
    for first, second in pairwise(words):
        yield _pair(kind, first, second)


def _sought(kind: str, text: str) -> Iterator[str]:
    words = folded_words(text)
    for first, second in pairwise(words):
        # What is typed of a last word may be one letter of a longer one.
        is_sure = len(second) >= _LENGTHS[0] or second != words[-1]
        yield _pair(kind, first, second) if is_sure else _longest(kind, first)
    # Two or three letters of a last word are in its pair already.
    least = _LENGTHS[0] if len(words) == 1 else _LENGTHS[-1]
    if words and len(words[-1]) >= least:
        yield _longest(kind, words[-1])


def _pair(kind: str, first: str, second: str) -> str:
    """Name the beginnings of two words that stand beside each other."""
    return f"{kind}:{first[: _LENGTHS[-1]]} {second[: _LENGTHS[0]]}"


def _longest(kind: str, word: str) -> str:
    length = max((length for length in _LENGTHS if length <= len(word)), default=len(word))
    return f"{kind}:{word[:length]}"
