"""In which of our two languages a caller reads: Vietnamese unless English is asked for (RFC 9110 §12.5.4)."""

from functools import lru_cache
from typing import Final, Literal, NamedTuple

Language = Literal["vi", "en"]

DEFAULT_LANGUAGE: Final[Language] = "vi"
_MAX_HEADER_LENGTH: Final = 500


class Text(NamedTuple):
    """A text for people in both languages."""

    vi: str
    en: str

    def in_language(self, language: Language) -> str:
        """Give the text in one language."""
        return self.vi if language == "vi" else self.en


@lru_cache(maxsize=256)
def preferred(accept_language: str | None) -> Language:
    """Choose by the header's quality values; what stands first wins among equals."""
    if accept_language is None or len(accept_language) > _MAX_HEADER_LENGTH:
        return DEFAULT_LANGUAGE
    best: Language = DEFAULT_LANGUAGE
    best_quality = 0.0
    for part in accept_language.split(","):
        tag, _, parameter = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        language: Language = "en" if primary == "en" else "vi"
        quality = _quality(parameter)
        if primary in {"vi", "en", "*"} and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, number = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(number) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
