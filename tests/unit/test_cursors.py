"""Cursors: what goes in comes out, and nothing else is taken for one."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.schemas.cursors import (
    CURSOR_MAX_LENGTH,
    InvalidCursorError,
    decode_cursor,
    decode_time,
    encode_cursor,
    encode_time,
)

PARTS = st.lists(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30), min_size=1, max_size=4
)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2286, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants them naive


@given(PARTS)
def test_a_cursor_reads_as_it_was_written(parts: list[str]) -> None:
    cursor = encode_cursor(*parts)
    assert decode_cursor(cursor, parts=len(parts)) == tuple(parts)
    assert cursor.isascii()
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(MOMENTS)
def test_a_time_in_a_cursor_is_exact(moment: datetime) -> None:
    assert decode_time(encode_time(moment)) == moment


@given(st.text(max_size=400))
def test_any_other_text_is_refused_and_nothing_worse(raw: str) -> None:
    try:
        parts = decode_cursor(raw, parts=2)
    except InvalidCursorError:
        return
    assert encode_cursor(*parts) == raw


@given(st.binary(max_size=60))
def test_any_other_bytes_are_refused_and_nothing_worse(plain: bytes) -> None:
    raw = base64.urlsafe_b64encode(plain).decode().rstrip("=")
    try:
        parts = decode_cursor(raw, parts=1)
    except InvalidCursorError:
        return
    assert encode_cursor(*parts) == raw


@given(st.text(max_size=20))
def test_any_other_time_is_refused_and_nothing_worse(part: str) -> None:
    try:
        moment = decode_time(part)
    except InvalidCursorError:
        return
    assert int(encode_time(moment)) == int(part)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "=",
        "A",
        encode_cursor("a", "b") + "=",
        encode_cursor("a", "b") + "\n",
        " " + encode_cursor("a", "b"),
        encode_cursor("a"),
        encode_cursor("a", "b", "c"),
        base64.urlsafe_b64encode(b"2\na\nb").decode().rstrip("="),
        base64.urlsafe_b64encode(b"1\na\x00\nb").decode().rstrip("="),
        "A" * (CURSOR_MAX_LENGTH + 1),
    ],
)
def test_a_cursor_of_another_form_is_refused(raw: str) -> None:
    with pytest.raises(InvalidCursorError):
        decode_cursor(raw, parts=2)
