"""Which form of an answer an Accept header asks for."""

import pytest

from app.schemas.media_types import prefers


@pytest.mark.parametrize(
    ("accept", "is_wanted"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("text/csv", True),
        ("TEXT/CSV", True),
        ("text/csv;q=0.5, application/json", False),
        ("application/json;q=0.5, text/csv", True),
        ("application/json, text/csv", False),
        ("text/csv;q=0", False),
        ("text/csv;q=often", False),
        ("text/html, text/csv ; q=0.1", True),
        ("application/json;q=0.5, TEXT/CSV ; charset=utf-8 ; q=0.9", True),
    ],
)
def test_another_form_is_given_only_to_who_prefers_it(accept: str | None, is_wanted: bool) -> None:
    assert prefers(accept, "text/csv", default="application/json") is is_wanted
