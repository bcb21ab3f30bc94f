"""What the property tests of the domain draw from."""

import unicodedata
from typing import Final

from hypothesis import strategies as st

CONSONANTS: Final = (
    "",
    "B",
    "CH",
    "Đ",
    "GH",
    "H",
    "KH",
    "L",
    "M",
    "NGH",
    "PH",
    "TH",
    "TR",
    "V",
    "X",
    "GI",
    "QU",
)
RHYMES: Final = (
    "A", "AN", "ANH", "ĂN", "ÂN", "E", "Ê", "ENH", "I", "IA", "IÊN", "O", "OA", "OAN", "OANH", "OE", "OEN",
    "ÔNG", "Ơ", "ƠI", "U", "UA", "UÊ", "UY", "UYÊN", "UYNH", "UYT", "Ư", "ƯƠNG", "ƯU", "Y", "YÊN",
    "OAI", "OAY",
)  # fmt: skip
TONES: Final = ("\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VOWELS: Final = frozenset("AĂÂEÊIOÔƠUƯY")

syllables = st.builds(
    lambda start, rhyme: start + rhyme, st.sampled_from(CONSONANTS), st.sampled_from(RHYMES)
)

# Names as people have them: Vietnamese letters of both cases, blanks, hyphens and apostrophes.
plain_names = st.text(
    alphabet="ABCDEGHIKLMNOPQRSTUVXYabcdeghiklmnopqrstuvxyĂÂĐÊÔƠƯăâđêôơưÀÁẢÃẠàáảãạỀẾỂỄỆềếểễệỶỹỊị '-",
    min_size=1,
    max_size=40,
).filter(lambda text: any(letter.isalpha() for letter in text))

# Names as a hostile or foreign client may send them: any letter and mark of any script. The modifier letters
# among them are no letter to rely on, one of them being an apostrophe.
any_names = st.text(
    alphabet=st.characters(categories=("L", "M", "N", "P", "S", "Zs")), min_size=1, max_size=30
).filter(lambda text: any(unicodedata.category(letter) in {"Lu", "Ll", "Lo"} for letter in text))
