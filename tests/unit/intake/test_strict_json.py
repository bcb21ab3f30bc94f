import json
import math
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import RequestMalformedError
from app.intake.strict_json import MAX_DEPTH, parse

_CLEAN = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"), max_size=20)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _CLEAN
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_CLEAN, inner, max_size=4)
)
_JSON_LIKE = st.lists(
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            '"',
            "\\",
            ":",
            ",",
            "1",
            "-",
            "e9",
            ".5",
            "null",
            "NaN",
            "\\ud83d",
            "\\u0000",
            " ",
        ]
    ),
    max_size=60,
).map("".join)


def _reason(body: bytes) -> str:
    with pytest.raises(RequestMalformedError) as caught:
        parse(body)
    (reason,) = caught.value.named
    return reason


@given(_VALUES, st.booleans())
def test_what_is_valid_reads_as_the_standard_library_reads_it(value: Any, is_ascii: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii)
    assert parse(text.encode()) == json.loads(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_malformed_request(body: bytes) -> None:
    with suppress(RequestMalformedError):
        parse(body)


@given(_JSON_LIKE)
def test_anything_like_json_is_a_value_or_a_malformed_request(text: str) -> None:
    try:
        value = parse(text.encode())
    except RequestMalformedError:
        return
    assert value == json.loads(text)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff", "not-utf-8"),
        (b'"\xed\xa0\x80"', "not-utf-8"),
        ('{"a": 1}'.encode("utf-16"), "not-utf-8"),
        (b'\xef\xbb\xbf{"a": 1}', "not-json"),
        (b" ", "not-json"),
        (b"{", "not-json"),
        (b"{} {}", "not-json"),
        (b"{'a': 1}", "not-json"),
        (b'{"a": 1,}', "not-json"),
        (b"NaN", "not-json"),
        (b"[Infinity]", "not-json"),
        (b"[-Infinity]", "not-json"),
        (b"01", "not-json"),
        ("１".encode(), "not-json"),
        (b'"a\nb"', "not-json"),
        (b'"a\tb"', "not-json"),
        (b'"\x00"', "not-json"),
        (b'{"a": 1, "a": 1}', "duplicate-key"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "duplicate-key"),
        (b"1e999", "number-out-of-range"),
        (b"-1e999", "number-out-of-range"),
        (b"9223372036854775808", "number-out-of-range"),
        (b"-9223372036854775809", "number-out-of-range"),
        (b"0." + b"1" * 1000, "number-out-of-range"),
        (b'"\\u0000"', "control-character"),
        (b'"\\r"', "control-character"),
        (b'"\\u001b"', "control-character"),
        (b'"\\u0085"', "control-character"),
        (b'"\x7f"', "control-character"),
        ('"\x85"'.encode(), "control-character"),
        (b'{"a\\u0000": 1}', "control-character"),
        (b'[[{"a": ["\\u0001"]}]]', "control-character"),
        (b'"\\ud800"', "lone-surrogate"),
        (b'{"\\udc00": 1}', "lone-surrogate"),
        (b'"\\udc00\\ud800"', "lone-surrogate"),
    ],
)
def test_what_the_contract_refuses_is_refused_by_name(body: bytes, reason: str) -> None:
    assert _reason(body) == reason


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b'"\\ud83d\\ude00"', "\N{GRINNING FACE}"),
        (b'"a\\n\\tb"', "a\n\tb"),
        ('"Nguyễn"'.encode(), "Nguyễn"),
        (b'\r\n\t {"a" : [ ] }\n', {"a": []}),
        (b'"[[[[[[[[[[[[[[[[[[[[[[[[[["', "[" * 26),
        (b'"\\"[[[[[[[[[[[[[[[[[[[[[[[[[["', '"' + "[" * 26),
    ],
)
def test_what_only_looks_odd_is_read(body: bytes, value: Any) -> None:
    assert parse(body) == value


@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")])
def test_nesting_is_allowed_up_to_its_limit_and_no_further(brackets: tuple[str, str]) -> None:
    opening, closing = brackets
    assert parse((opening * MAX_DEPTH + "1" + closing * MAX_DEPTH).encode())
    deeper = MAX_DEPTH + 1
    assert _reason((opening * deeper + "1" + closing * deeper).encode()) == "too-deep"


def test_many_siblings_are_not_depth() -> None:
    assert len(parse(b"[" + b",".join([b'["["]'] * 1000) + b"]")) == 1000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 262_144, id="nesting bomb"),
        pytest.param(b'{"a":' * 50_000, id="nesting bomb of objects"),
        pytest.param(b"1" * 262_144, id="endless integer"),
        pytest.param(b"1." + b"1" * 262_144, id="endless fraction"),
        pytest.param(b"[" * 21 + b'"\\' * 100_000, id="unclosed strings"),
        pytest.param(b"[]," * 80_000, id="many brackets"),
    ],
)
def test_no_body_within_the_limit_takes_long_to_refuse(body: bytes) -> None:
    started = time.perf_counter()
    _reason(body)
    assert time.perf_counter() - started < 1


def test_an_error_holds_nothing_of_the_text() -> None:
    with pytest.raises(RequestMalformedError) as caught:
        parse(b'{"id_number": "100190000001"')
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "100190000001" not in str(caught.value)


def test_floats_keep_their_value() -> None:
    assert math.isclose(parse(b"1.5e3"), 1500)
