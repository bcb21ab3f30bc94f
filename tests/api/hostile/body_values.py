"""What hostile callers send in bodies: texts, values of other types, and bytes that are no JSON of ours.

Whatever can bear it holds MARK or NUMBER_MARK, which must come back in no answer and stand in no log.
"""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any, Final

MARK: Final = "Zzhostilezz"
NUMBER_MARK: Final = 918273645546372819
MARKS: Final = (MARK.lower().encode(), str(NUMBER_MARK).encode())

_MAX_BODY: Final = 262_144
_MARK: Final = MARK.encode()

FORBIDDEN_TEXTS: Final = {
    name: f"{MARK} {character}a"
    for name, character in {
        "nul": "\x00",
        "backspace": "\x08",
        "carriage-return": "\r",
        "escape-sequence": "\x1b[31m",
        "delete": "\x7f",
        "next-line": "\x85",
        "c1": "\x9f",
        "arabic-letter-mark": "\u061c",
        "left-to-right-mark": "\u200e",
        "bidi-override": "\u202e",
        "bidi-isolate": "\u2067",
        "line-separator": "\u2028",
        "byte-order-mark": "\ufeff",
        "noncharacter": "\uffff",
        "noncharacter-in-the-middle": "\ufdd0",
        "high-surrogate": "\ud800",
        "low-surrogate": "\udfff",
        "swapped-surrogates": "\udc00\ud800",
    }.items()
} | {"far-too-long": MARK + "a" * 20_000, "long-and-combining": MARK + "a\u0301\u0323" * 8_000}
"""No member of any body may be one of these."""

ODD_TEXTS: Final = {
    "sql-or": f"{MARK}' OR '1'='1",
    "sql-drop": f'{MARK}"; DROP TABLE case_file; --',
    "sql-sleep": f"{MARK}'); SELECT pg_sleep(9)--",
    "like": f"%_{MARK}%\\",
    "template": f"{{{{7*7}}}}{{{MARK}.__class__}}${{{MARK}}}#{{7*7}}",
    "format": f"%s%n%d{{0}}{{named}}{MARK}",
    "jndi": f"${{jndi:ldap://{MARK}.invalid/a}}",
    "script": f"<script>alert('{MARK}')</script>",
    "formula": f"=cmd|'/C {MARK}'!A0",
    "broken-host": f"https://[{MARK}",
    "huge-port": f"https://{MARK}.invalid:99999999/",
    "path": f"../../../../etc/{MARK}",
    "full-width-digits": f"１００１９０００００００１{MARK}",
    "only-full-width-digits": "１００１９０００００００１",
    "arabic-digits": "١٠٠١٩٠٠٠٠٠٠١",
    "superscript-digits": "¹²³⁴⁵⁶⁷⁸⁹",
    "digits": str(NUMBER_MARK),
    "signed-digits": "+100190000001e0",
    "too-long": MARK * 50,
    "combining": f"{MARK}a" + "\u0301" * 1_500,
    "emoji": f"{MARK}👩‍👩‍👧‍👦🇻🇳",
    "private-use": f"{MARK}\ue000\U0010fffd",
    "zero-width": f"{MARK}\u200b\u2060\u00ad",
    "blanks": "   \u00a0\u3000 ",
    "null-word": "null",
    "json": f'{{"{MARK}": 1}}',
}
"""Texts that some members may well be; a member of a fixed form must refuse them."""

TYPED_VALUES: Final[dict[str, tuple[str, Any]]] = {
    "null": ("null", None),
    "true": ("boolean", True),
    "negative": ("integer", -NUMBER_MARK),
    "huge": ("integer", 2**63 - 1),
    "fraction": ("number", 1.5),
    "huge-fraction": ("number", 1e308),
    "empty-list": ("array", []),
    "empty-object": ("object", {}),
    "list-of-texts": ("array", [MARK, MARK]),
    "long-list": ("array", [{"id_number": str(number)} for number in range(10**11, 10**11 + 1_000)]),
    "object": ("object", {MARK: MARK, "id_number": NUMBER_MARK}),
    "empty-text": ("string", ""),
}
"""Values with the JSON type that they are of."""

UNKNOWN_NAMES: Final = (
    MARK,
    "",
    "__proto__",
    "__class__",
    "id number",
    f"{MARK}/~0~1",
    "ＩＤ",
    "$ref",
    "a" * 5_000,
)

_Mend = Callable[[bytes], bytes]


def _with(member: bytes) -> _Mend:
    """Put a member before the first one of the body."""
    return lambda body: b"{" + member + b", " + body[1:]


def _first_name(body: bytes) -> bytes:
    return json.dumps(next(iter(json.loads(body)))).encode()


BROKEN_BODIES: Final[dict[str, _Mend]] = {
    "empty": lambda _: b"",
    "blanks": lambda _: b" \r\n\t",
    "null": lambda _: b"null",
    "true": lambda _: b"true",
    "number": lambda _: str(NUMBER_MARK).encode(),
    "text": lambda _: b'"' + _MARK + b'"',
    "empty-list": lambda _: b"[]",
    "list": lambda body: b"[" + body + b"]",
    "empty-object": lambda _: b"{}",
    "not-utf-8": _with(b'"note": "' + _MARK + b'\xff"'),
    "overlong-utf-8": _with(b'"note": "' + _MARK + b'\xc0\xaf"'),
    "surrogate-in-utf-8": _with(b'"note": "' + _MARK + b'\xed\xa0\x80"'),
    "utf-8-cut-off": lambda body: body[:-1] + b"\xe1\xbb",
    "byte-order-mark": lambda body: b"\xef\xbb\xbf" + body,
    "utf-16": lambda body: body.decode().encode("utf-16"),
    "utf-16-without-mark": lambda body: body.decode().encode("utf-16-le"),
    "utf-32": lambda body: body.decode().encode("utf-32"),
    "duplicate-name": lambda body: _with(_first_name(body) + b': "' + _MARK + b'"')(body),
    "duplicate-name-escaped": lambda body: _with(
        b'"\\u%04x' % _first_name(body)[1] + _first_name(body)[2:] + b': "' + _MARK + b'"'
    )(body),
    "duplicate-name-inside": _with(b'"' + _MARK + b'": {"a": 1, "a": 2}'),
    "nan": _with(b'"' + _MARK + b'": NaN'),
    "infinity": _with(b'"' + _MARK + b'": Infinity'),
    "minus-infinity": _with(b'"' + _MARK + b'": -Infinity'),
    "number-over-double": _with(b'"' + _MARK + b'": 1e999'),
    "huge-exponent": _with(b'"' + _MARK + b'": 1e99999999999999999999'),
    "huge-negative-exponent": _with(b'"' + _MARK + b'": 1e-99999999999999999999'),
    "integer-over-64-bits": _with(b'"' + _MARK + b'": 9223372036854775808'),
    "integer-of-5000-digits": _with(b'"' + _MARK + b'": ' + b"9" * 5_000),
    "fraction-of-5000-digits": _with(b'"' + _MARK + b'": 0.' + b"9" * 5_000),
    "leading-zero": _with(b'"' + _MARK + b'": 01'),
    "full-width-number": _with(b'"' + _MARK + b'": ' + "１".encode()),
    "escaped-nul": _with(b'"' + _MARK + b'": "\\u0000"'),
    "raw-nul": _with(b'"' + _MARK + b'": "\x00"'),
    "nul-between": lambda body: b"\x00" + body,
    "raw-line-feed": _with(b'"' + _MARK + b'": "a\nb"'),
    "nul-in-a-name": _with(b'"' + _MARK + b'\\u0000": 1'),
    "lone-surrogate": _with(b'"' + _MARK + b'": "\\ud800"'),
    "lone-surrogate-in-a-name": _with(b'"' + _MARK + b'\\udc00": 1'),
    "bad-escape": _with(b'"' + _MARK + b'": "\\x41"'),
    "bomb-of-lists": lambda _: b"[" * 100_000,
    "bomb-of-objects": lambda _: b'{"a":' * 40_000,
    "closed-bomb": lambda _: b"[" * 50_000 + b"]" * 50_000,
    "nested-too-deep": _with(b'"' + _MARK + b'": ' + b"[" * 20 + b"]" * 20),
    "10000-names": _with(b", ".join(b'"%s%d": 1' % (_MARK, number) for number in range(10_000))),
    "open-text": lambda body: body[:-1] + b', "' + _MARK,
    "quotes-and-backslashes": lambda _: b'"\\' * 60_000,
    "cut-off": lambda body: body[:-1],
    "trailing-text": lambda body: body + _MARK,
    "two-documents": lambda body: body + b"\n" + body,
    "comment": lambda body: b"/*" + _MARK + b"*/" + body,
    "single-quotes": lambda body: body.replace(b'"', b"'"),
    "trailing-comma": lambda body: body[:-1] + b",}",
    "form": lambda _: b"id_number=" + _MARK,
    "xml": lambda _: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;' + _MARK + b"</a>",
    "pickle": lambda _: b"\x80\x04\x95" + _MARK,
    "one-byte-too-much": lambda body: body + b" " * (_MAX_BODY + 1 - len(body)),
    "a-text-too-much": _with(b'"' + _MARK + b'": "' + b"a" * _MAX_BODY + b'"'),
}
"""From the bytes of a valid JSON body to bytes that no operation may take."""

CONTENT_HEADERS: Final[dict[str, tuple[str, tuple[bytes, ...], _Mend]]] = {
    "no-type": ("content-type", (), bytes),
    "empty-type": ("content-type", (b"",), bytes),
    "text": ("content-type", (b"text/plain",), bytes),
    "xml": ("content-type", (b"application/xml",), bytes),
    "form": ("content-type", (b"application/x-www-form-urlencoded",), bytes),
    "multipart": ("content-type", (b"multipart/form-data; boundary=" + _MARK,), bytes),
    "marked": ("content-type", (b"application/" + _MARK,), bytes),
    "ndjson": ("content-type", (b"application/json-seq",), bytes),
    "utf-16": ("content-type", (b"application/json; charset=utf-16",), bytes),
    "odd-parameter": ("content-type", (b"application/json; boundary=" + _MARK,), bytes),
    "twice": ("content-type", (b"application/json", b"application/json"), bytes),
    "two-in-one": ("content-type", (b"application/json, application/json",), bytes),
    "two-different": ("content-type", (b"application/json", b"text/plain"), bytes),
    "not-ascii": ("content-type", (b"application/j\xc5\x9fon",), bytes),
    "with-control": ("content-type", (b"application/json\x00",), bytes),
    "huge-type": ("content-type", (b"application/json; a=" + b"a" * 8_000,), bytes),
    "gzip": ("content-encoding", (b"gzip",), gzip.compress),
    "deflate": ("content-encoding", (b"deflate",), zlib.compress),
    "gzip-in-name-only": ("content-encoding", (b"gzip",), bytes),
    "identity-and-gzip": ("content-encoding", (b"identity", b"gzip"), bytes),
    "unknown-encoding": ("content-encoding", (_MARK,), bytes),
}
"""A header, its values, and what becomes of the body; each must be refused."""

BAD_FORMS: Final = {
    "empty": b"",
    "json": b'{"grant_type": "password", "username": "' + _MARK + b'"}',
    "no-grant": b"username=" + _MARK + b"&password=" + _MARK,
    "unknown-grant": b"grant_type=" + _MARK,
    "empty-grant": b"grant_type=&username=" + _MARK,
    "grant-twice": b"grant_type=password&grant_type=client_credentials&username=" + _MARK,
    "name-twice": b"grant_type=password&username=" + _MARK + b"&username=a&password=a",
    "no-password": b"grant_type=password&username=" + _MARK,
    "no-client": b"grant_type=client_credentials",
    "unknown-client": b"grant_type=client_credentials&client_id=" + _MARK + b"&client_secret=" + _MARK,
    "unknown-user": b"grant_type=password&username=" + _MARK + b"&password=" + _MARK,
    "sql": b"grant_type=password&username=" + _MARK + b"'%20OR%20'1'='1&password=x'%20OR%20'1'='1",
    "template": b"grant_type=password&username=%7B%7B7*7%7D%7D" + _MARK + b"&password=%s%n",
    "nul": b"grant_type=password&username=" + _MARK + b"%00&password=a",
    "raw-nul": b"grant_type=password&username=" + _MARK + b"\x00&password=a",
    "line-feed": b"grant_type=password&username=" + _MARK + b"%0A&password=a",
    "not-utf-8": b"grant_type=password&username=" + _MARK + b"%FF&password=a",
    "raw-not-utf-8": b"grant_type=password&username=" + _MARK + b"\xff&password=a",
    "surrogate": b"grant_type=password&username=" + _MARK + b"%ED%A0%80&password=a",
    "byte-order-mark": b"\xef\xbb\xbfgrant_type=password&username=" + _MARK + b"&password=a",
    "bidi": b"grant_type=password&username=" + _MARK + b"%E2%80%AE&password=a",
    "full-width": "grant_type=password&username=ｒｅｃｅｉｖｅｒ&password=sandbox".encode(),
    "long-name": b"grant_type=password&username=" + _MARK * 100 + b"&password=a",
    "long-password": b"grant_type=password&username=" + _MARK + b"&password=" + b"a" * 10_000,
    "combining": b"grant_type=password&username=" + _MARK + b"a" + b"%CC%81" * 1_000 + b"&password=a",
    "unknown-scope": b"grant_type=client_credentials&client_id=portal&client_secret=sandbox&scope=" + _MARK,
    "scope-out-of-reach": b"grant_type=client_credentials&client_id=portal&client_secret=sandbox&scope=admin",
    "many-fields": b"&".join(b"%s%d=1" % (_MARK, number) for number in range(1_000)),
    "16-kilobytes": b"grant_type=password&username=" + _MARK + b"&a=" + b"a" * 17_000,
    "only-signs": b"&=&==&;%&%zz",
}
"""Forms for which there is no token."""
