import time
import unicodedata
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.schemas.texts import (
    AgencyCode,
    BirthDate,
    FullName,
    IdNumber,
    Note,
    ProcedureCode,
    PurposeText,
    ReceiptNumber,
    RelatedUrl,
    multiline_text,
    text,
)

LINE = TypeAdapter[str](Annotated[str, text(max_length=5)])
LINES = TypeAdapter[str](Annotated[str, multiline_text(max_length=5)])
MAYBE_EMPTY = TypeAdapter[str](Annotated[str, text(max_length=5, min_length=0)])
FULL_NAME = TypeAdapter[str](FullName)
ID_NUMBER = TypeAdapter[str](IdNumber)
BIRTH_DATE = TypeAdapter[str](BirthDate)
URL = TypeAdapter[str](RelatedUrl)


def _fault(adapter: TypeAdapter[str], value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(value)
    (error,) = caught.value.errors()
    return error["type"]


@pytest.mark.parametrize(
    ("adapter", "sent", "kept"),
    [
        (LINE, "  a b  ", "a b"),
        (LINE, "Ngo\u0323\u0302c", "Ngộc"),
        (LINE, unicodedata.normalize("NFD", "ỘỘỘỘỘ"), "ỘỘỘỘỘ"),
        (LINES, "a\n\tb", "a\n\tb"),
        (LINES, "\na\n", "a"),
        (MAYBE_EMPTY, " ", ""),
        (MAYBE_EMPTY, "\u200b\u2060", ""),
        (LINE, "a\u200db", "a\u200db"),
        (FULL_NAME, " Nguyễn   Thị\u00a0Ngọc ", "Nguyễn Thị Ngọc"),
        (FULL_NAME, "H\u2019Hen Niê", "H'Hen Niê"),
        (FULL_NAME, "A" * 200, "A" * 200),
        (FULL_NAME, "ß" * 100, "ß" * 100),
        (ID_NUMBER, "100190000001", "100190000001"),
        (ID_NUMBER, "123456789", "123456789"),
        (BIRTH_DATE, "1990", "1990"),
        (BIRTH_DATE, "1990-07", "1990-07"),
        (BIRTH_DATE, "1992-02-29", "1992-02-29"),
        (URL, "https://example.vn/hs?id=1#a", "https://example.vn/hs?id=1#a"),
        (URL, "https://example.vn:8443", "https://example.vn:8443"),
    ],
)
def test_texts_are_taken_in_their_normal_form(adapter: TypeAdapter[str], sent: str, kept: str) -> None:
    assert adapter.validate_python(sent) == kept


@pytest.mark.parametrize(
    ("adapter", "sent", "fault"),
    [
        (LINE, "abcdef", "too-long"),
        (LINE, " ", "too-short"),
        (LINE, "", "too-short"),
        (LINE, "\u200b", "too-short"),
        (LINE, "\u0301", "too-short"),
        (LINE, "\u3164\u2800", "too-short"),
        (LINE, "a\nb", "control-character"),
        (LINE, "a\tb", "control-character"),
        (LINES, "a\rb", "control-character"),
        (LINES, "a\x00", "control-character"),
        (LINES, "a\u202eb", "control-character"),
        (LINES, "a\u2028b", "control-character"),
        (LINES, "\ufeffa", "control-character"),
        (LINES, "a\uffff", "control-character"),
        (LINE, "\x85", "control-character"),
        (FULL_NAME, "", "too-short"),
        (FULL_NAME, " \u00a0", "too-short"),
        (FULL_NAME, "A" * 201, "too-long"),
        (FULL_NAME, "ß" * 101, "too-long"),
        (FULL_NAME, "A" * 5_000, "too-long"),
        (FULL_NAME, "A\x00", "control-character"),
        (FULL_NAME, "A\nB", "control-character"),
        (FULL_NAME, "A\u200bB", "invalid-name"),
        (FULL_NAME, "123", "invalid-name"),
        (ID_NUMBER, "", "invalid-id-number"),
        (ID_NUMBER, "10019000000", "invalid-id-number"),
        (ID_NUMBER, "1001900000011", "invalid-id-number"),
        (ID_NUMBER, "１００１９０００００００", "invalid-id-number"),
        (ID_NUMBER, "10019000000a", "invalid-id-number"),
        (ID_NUMBER, " 100190000001", "invalid-id-number"),
        (BIRTH_DATE, "30/07/1990", "invalid-date"),
        (BIRTH_DATE, "1990-02-30", "invalid-date"),
        (BIRTH_DATE, "1990-7-3", "invalid-date"),
        (BIRTH_DATE, "", "invalid-date"),
        (URL, "http://example.vn", "invalid-url"),
        (URL, "javascript:alert(1)", "invalid-url"),
        (URL, "https://", "invalid-url"),
        (URL, "https://[::1", "invalid-url"),
        (URL, "https://a.vn:99999/", "invalid-url"),
        (URL, "https://example.vn@evil.example/", "invalid-url"),
        (URL, "https://example.vn/a b", "invalid-url"),
        (URL, "https://example.vn/\n", "invalid-url"),
        (URL, "https://example.vn/" + "a" * 2_000, "too-long"),
        (LINE, 1, "string_type"),
        (LINE, b"a", "string_type"),
        (FULL_NAME, None, "string_type"),
        (URL, [], "string_type"),
        (LINE, "\ud800", "control-character"),
    ],
)
def test_other_texts_are_refused_by_name(adapter: TypeAdapter[str], sent: Any, fault: str) -> None:
    assert _fault(adapter, sent) == fault


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (ProcedureCode, "1.004194.000.00.00.H24", "1.004194 "),
        (ProcedureCode, "1.004194", "1.004194\n"),
        (AgencyCode, "H24.15.01", "h24"),
        (ReceiptNumber, "H24.15-261123-0001", "H24.15-261123-0001\n"),
        (PurposeText, "a" * 500, "a" * 501),
        (Note, "a" * 2_000, "a" * 2_001),
    ],
)
def test_codes_and_long_texts_have_their_form(kind: Any, good: str, bad: str) -> None:
    adapter = TypeAdapter[str](kind)
    assert adapter.validate_python(good) == good
    with pytest.raises(ValidationError):
        adapter.validate_python(bad)


@given(st.text(max_size=30))
def test_whatever_passes_is_normal_and_clean(sent: str) -> None:
    try:
        kept = LINES.validate_python(sent)
    except ValidationError:
        return
    assert kept == unicodedata.normalize("NFC", kept).strip()
    assert len(kept) <= 5
    assert not any(unicodedata.category(sign) in {"Cs", "Zl", "Zp"} for sign in kept)
    assert LINES.validate_python(kept) == kept


def test_a_text_made_to_be_slow_is_refused_at_once() -> None:
    started = time.perf_counter()
    assert _fault(TypeAdapter(Note), "a" + "\u0301\u0323" * 100_000) == "too-long"
    assert _fault(FULL_NAME, "a" + "\u0301\u0323" * 100_000) == "too-long"
    assert time.perf_counter() - started < 0.5


def test_what_openapi_says_is_the_form() -> None:
    assert ID_NUMBER.json_schema()["pattern"] == "^([0-9]{9}|[0-9]{12})$"
    assert LINE.json_schema() == {"type": "string", "minLength": 1, "maxLength": 5}
