"""Names of people: one normal form, and the forms in which names are compared, searched and sent.

A name is a value of the person: it prints nowhere.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, assert_never

_MAX_LENGTH: Final = 200
# Normalising is quadratic in a run of combining marks, so what cannot be a name is refused before it.
_MAX_RAW_LENGTH: Final = 2_000

# Controls, bidi and other format characters, lone surrogates, private and unassigned code points
# (XML cannot carry some of them), line and paragraph separators.
_FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_TONES: Final = ("\N{COMBINING GRAVE ACCENT}", "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING HOOK ABOVE}",
                 "\N{COMBINING TILDE}", "\N{COMBINING DOT BELOW}")  # fmt: skip
_VOWELS: Final = "AĂÂEÊIOÔƠUƯY"
_TONED: Final = {
    unicodedata.normalize("NFC", vowel + tone): (vowel, tone) for vowel in _VOWELS for tone in _TONES
}
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZĐ" + _VOWELS + "".join(_TONED)

# A name of these characters alone, nearly every one, needs no look at each character:
# all of them are allowed, have one upper and one lower case, and lose their diacritics by table.
_VIETNAMESE: Final = re.compile(f"[{re.escape(_LETTERS + _LETTERS.lower())} '.-]+")
_APOSTROPHES: Final = ("\N{RIGHT SINGLE QUOTATION MARK}", "\N{MODIFIER LETTER APOSTROPHE}")

# A run of vowels with exactly one tone mark that is not on its last vowel.
_MISPLACED: Final = re.compile(
    f"(?<![{_VOWELS}{''.join(_TONED)}])([{_VOWELS}]*+)([{''.join(_TONED)}])([{_VOWELS}]++)(?![{''.join(_TONED)}])"
)

_FOLDED: Final = str.maketrans(
    {letter: unicodedata.normalize("NFD", letter)[0] for letter in (*_VOWELS, *_TONED)}
    # Eth is what broken conversions of old Vietnamese data left in place of Đ; it looks the same.
    | {"Đ": "D", "\N{LATIN CAPITAL LETTER ETH}": "D"}
)


class NameForm(StrEnum):
    """Form in which a name is sent to the register; which one it wants is not documented."""

    AS_IS = "as_is"
    UPPER = "upper"
    UPPER_NO_DIACRITICS = "upper_no_diacritics"
    UPPER_NO_DIACRITICS_NO_BLANKS = "upper_no_diacritics_no_blanks"


def _is_allowed(text: str) -> bool:
    return not any(unicodedata.category(character) in _FORBIDDEN for character in text)


def _normal(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    for apostrophe in _APOSTROPHES:
        composed = composed.replace(apostrophe, "'")
    return " ".join(composed.split())


def _moved_to_last_vowel(run: re.Match[str]) -> str:
    before, toned, after = run.groups()
    vowel, tone = _TONED[toned]
    return before + vowel + after[:-1] + unicodedata.normalize("NFC", after[-1] + tone)


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in its normal form: NFC, single blanks, plain apostrophes, case as typed.

    Raises:
        ValueError: no letter, over 200 characters, or a character that no name has.
    """

    value: str = field(repr=False)

    def __post_init__(self) -> None:
        """Normalise; the dataclass is frozen for everyone else."""
        if len(self.value) > _MAX_RAW_LENGTH:
            raise ValueError("a name has at most 200 characters")
        if _VIETNAMESE.fullmatch(self.value):
            normal = " ".join(self.value.split())
        else:
            if not _is_allowed(self.value):
                raise ValueError("a name has no control or format characters")
            normal = _normal(self.value)
        if len(normal) > _MAX_LENGTH:
            raise ValueError("a name has at most 200 characters")
        if not any(map(str.isalpha, normal)):
            raise ValueError("a name has at least one letter")
        object.__setattr__(self, "value", normal)

    @property
    def upper(self) -> str:
        """The name in capitals, diacritics kept."""
        if _VIETNAMESE.fullmatch(self.value):
            return self.value.upper()
        # Full case folding first, so that letters with several lower-case forms meet in one capital.
        folded = unicodedata.normalize("NFD", self.value).casefold().upper()
        return _normal(folded)

    @property
    def comparison_key(self) -> str:
        """The form in which names compare: capitals, and each tone mark on the last vowel of its run.

        Where the mark stands is a matter of spelling style (HÒA or HOÀ, QUÝ or QÚY), as a syllable has one
        tone. GIẠ and GỊA are the only words that it tells apart; neither is a name, so they compare equal.
        """
        return _MISPLACED.sub(_moved_to_last_vowel, self.upper)

    @property
    def folded(self) -> str:
        """The form for searching: capitals without any diacritics, D for Đ."""
        text = self.upper.translate(_FOLDED)
        if text.isascii():
            return text
        marks_apart = unicodedata.normalize("NFD", text)
        return _normal("".join(letter for letter in marks_apart if not unicodedata.combining(letter)))

    def in_form(self, form: NameForm) -> str:
        """The name as it is sent to the register."""
        match form:
            case NameForm.AS_IS:
                return self.value
            case NameForm.UPPER:
                return self.upper
            case NameForm.UPPER_NO_DIACRITICS:
                return self.folded
            case NameForm.UPPER_NO_DIACRITICS_NO_BLANKS:
                return self.folded.replace(" ", "")
            case unreachable:
                assert_never(unreachable)

    def matches(self, other: "PersonName") -> bool:
        """Tell whether both are spellings of the same name; diacritics count."""
        return self.comparison_key == other.comparison_key
