import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.languages import Text, preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("en", "en"),
        ("EN-us", "en"),
        ("vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7", "vi"),
        ("en-US,en;q=0.9,vi;q=0.8", "en"),
        ("vi;q=0.3, en;q=0.4", "en"),
        ("en, vi", "en"),
        ("vi, en", "vi"),
        ("fr, de", "vi"),
        ("fr, en;q=0.1", "en"),
        ("*", "vi"),
        ("*;q=0.1, en;q=0.5", "en"),
        ("en;q=0", "vi"),
        ("en;q=2", "vi"),
        ("en;q=x", "vi"),
        ("en;q=nan", "vi"),
        ("en;level=1", "vi"),
        ("english", "vi"),
        (", ;q=1, en", "en"),
        ("en," * 200, "vi"),
    ],
)
def test_the_language_is_the_one_most_wanted(header: str | None, language: str) -> None:
    assert preferred(header) == language


@given(st.text(max_size=100))
def test_any_header_gives_a_language(header: str) -> None:
    assert preferred(header) in {"vi", "en"}


def test_a_text_is_there_in_both_languages() -> None:
    text = Text("hồ sơ", "case")
    assert (text.in_language("vi"), text.in_language("en")) == ("hồ sơ", "case")
