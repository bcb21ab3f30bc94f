"""What hostile callers send around bodies: headers, paths, queries, forms and methods.

A header's or a path's text is bytes or ASCII with percent-encoding, as it would stand on the wire.
"""

from typing import Final

from tests.api.hostile.body_values import MARK, NUMBER_MARK

_MARK: Final = MARK.encode()
_LONG: Final = _MARK + b"a" * 8_000

_ODD_TEXTS: Final = {
    "nul": (_MARK + b"\x00",),
    "controls": (b"\x01\x1b[31m" + _MARK + b"\x7f",),
    "line-feed": (_MARK + b"\r\nX-Evil: " + _MARK,),
    "not-utf-8": (b"\xff\xfe" + _MARK,),
    "utf-8": (MARK.encode() + "…\u202e".encode(),),
    "8-kilobytes": (_LONG,),
    "empty": (b"",),
    "twice": (_MARK + b"1\x80", _MARK + b"2\x80"),
    "list-of-nothing": (b"," * 4_000,),
    "quality": (b"*;q=" + b"9" * 500 + b",;q=,q=;=" + _MARK + b"\x80;q=nan,vi;q=-1,en;q=1e999",),
    "quotes": (b'W/"' + _MARK + b'\x80, "\\",W/,"' * 50,),
    "digits": ("\u0661\uff11".encode() + str(NUMBER_MARK).encode(),),
}
_READ_BY_US: Final = (
    "accept",
    "accept-language",
    "x-request-id",
    "traceparent",
    "if-none-match",
    "if-match",
    "idempotency-key",
)
_READ_BY_OTHERS: Final = (
    "accept-encoding",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "if-modified-since",
    "origin",
    "range",
    "tracestate",
    "upgrade",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-http-method-override",
)

_KINDS: Final = dict.fromkeys(_READ_BY_US, tuple(_ODD_TEXTS)) | dict.fromkeys(
    _READ_BY_OTHERS, ("not-utf-8", "8-kilobytes")
)

ODD_HEADERS: Final[dict[str, tuple[str, tuple[bytes, ...]]]] = {
    f"{name}-{kind}": (name, _ODD_TEXTS[kind]) for name, kinds in _KINDS.items() for kind in kinds
}
"""Headers that change nothing, whatever stands in them. None is a request id that would be accepted."""

BAD_AUTHORIZATIONS: Final[dict[str, tuple[bytes, ...]]] = {
    "none": (),
    "empty": (b"",),
    "scheme-only": (b"Bearer",),
    "no-token": (b"Bearer ",),
    "other-scheme": (b"Digest " + _MARK,),
    "basic": (b"Basic " + _MARK,),
    "not-a-jwt": (b"Bearer " + _MARK,),
    "empty-parts": (b"Bearer ..",),
    "nul": (b"Bearer " + _MARK + b"\x00",),
    "not-ascii": (b"Bearer \xff\xfe" + _MARK,),
    "full-width": ("Ｂearer ".encode() + _MARK,),
    "8-kilobytes": (b"Bearer " + _LONG,),
    "two-headers": (b"Bearer " + _MARK, b"Bearer " + _MARK),
    "two-in-one": (b"Bearer " + _MARK + b", Bearer " + _MARK,),
    # {"alg":"none"} . {"sub":"admin"} and a header that names a key of the caller's own.
    "unsigned": (b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",),
    "own-key": (b"Bearer eyJhbGciOiJIUzI1NiIsImprdSI6Imh0dHBzOi8vYS5pbnZhbGlkIn0.eyJzdWIiOiJhIn0.c2ln",),
    "deep-jwt": (b"Bearer W1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tb.W1tbW1tbW1tb.c2ln",),
}

ODD_SEGMENTS: Final = {
    "dot": ".",
    "dots": "..",
    "traversal": "..%2F..%2F..%2Fetc%2Fpasswd",
    "double-encoded": "..%252F..%252Fetc%252Fpasswd",
    "backslashes": "..%5C..%5C" + MARK,
    "nul": "H24%00" + MARK,
    "only-nul": "%00",
    "line-feed": f"{MARK}%0D%0AX-Evil:%20{MARK}",
    "not-utf-8": "%FF%FE" + MARK,
    "overlong-utf-8": "%C0%AF" + MARK,
    "surrogate": "%ED%A0%80" + MARK,
    "bad-percent": f"%zz%{MARK}%",
    "bidi": f"{MARK}%E2%80%AE",
    "byte-order-mark": f"%EF%BB%BF{MARK}",
    "full-width-digits": "%EF%BC%91%EF%BC%92",
    "arabic-digits": "%D9%A1%D9%A2",
    "sql": f"{MARK}'%20OR%20'1'%3D'1",
    "sql-comment": f"0;DROP%20TABLE%20case_file;--{MARK}",
    "like": "%25",
    "template": f"%7B%7B7*7%7D%7D%7B{MARK}%7D",
    "script": f"%3Cscript%3E{MARK}",
    "long": MARK + "a" * 5_000,
    "negative": f"-{NUMBER_MARK}",
    "huge": "9" * 400,
    "over-64-bits": "9223372036854775808",
    "leading-zero": "00",
    "signed": "+0",
    "exponent": "1e3",
    "fraction": "1.0e0",
    "hexadecimal": "0x0",
    "underscore": "1_0",
    "blank": "%20",
    "padded": "%200%20",
    "semicolon": f"0;a={MARK}",
    "matrix": f"H24.15-261123-0001;{MARK}",
    "decomposed": "e%CC%81" + MARK,
    "lower-case": "h24.15-261123-0001",
    "trailing-line-feed": "H24.15-261123-0001%0A",
}
"""Path segments that name nothing that there is."""

ODD_QUERIES: Final = {
    "unknown": f"{MARK}={MARK}",
    "unknown-without-value": MARK,
    "unknown-without-name": f"={MARK}",
    "array-style": f"limit[]={MARK}",
    "not-utf-8": "%FF=%FF" + MARK,
    "nul": f"%00={MARK}%00",
    "many": "&".join(f"{MARK}{number}=1" for number in range(1_000)),
    "long": f"{MARK}=" + "a" * 8_000,
    "token-in-the-query": f"access_token={MARK}",
    "prototype": f"__proto__[{MARK}]=1",
    "semicolon": f"a=1;b={MARK}",
}
"""Queries that no operation has."""

ODD_VALUES: Final = {
    "empty": "",
    "nul": f"{MARK}%00",
    "line-feed": f"{MARK}%0A",
    "not-utf-8": f"{MARK}%FF",
    "surrogate": f"{MARK}%ED%A0%80",
    "bidi": f"{MARK}%E2%80%AE",
    "full-width-digit": "%EF%BC%95",
    "arabic-digit": "%D9%A5",
    "sql": f"{MARK}'%20OR%201=1;--",
    "template": f"%7B%7B7*7%7D%7D{MARK}",
    "list": f"[{MARK}]",
    "long": MARK + "a" * 7_000,
    "negative": f"-{NUMBER_MARK}",
    "zero": "0",
    "huge": "9" * 1_000,
    "over-64-bits": "18446744073709551616",
    "exponent": "1e2",
    "fraction": "5.0",
    "blank": "%205",
    "plus": "+5",
    "nan": "nan",
    "capital": "TRUE",
    "yes": "1",
    "null": "null",
    "first-day": "0001-01-01",
    "last-moment": "9999-12-31T23:59:59-23:59",
    "impossible-day": "2026-02-30",
    "leap-second": "2026-06-30T23:59:60Z",
    "far-offset": "2026-01-01T00:00:00+99:99",
    "blank-for-plus": "2026-01-01T00:00:00+07:00",
    "odd-base64": "MQ",
    "padded-base64": "MQo0Mg==",
    "cursor-of-nothing": "MQo",
    "cursor-of-another-list": "MQoxLjAwNDE5NAoxCjI",
    "cursor-with-a-huge-number": "MQo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ",
    "cursor-with-a-minus": "MQotMQ",
    "cursor-with-a-nul": "MQoA",
    "uuid-in-braces": "%7B6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11%7D",
    "uuid-urn": "urn:uuid:6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11",
}
"""Values of query parameters; those of a fixed form take hardly any of them."""

ODD_METHODS: Final = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "get",
    "QUERY",
    MARK.upper(),
)

UNKNOWN_PATHS: Final = (
    f"/{MARK}",
    "//",
    f"//{MARK}.invalid/cases",
    "/cases/",
    "/cases/a/b/c",
    "/me/",
    "/ME",
    "/.env",
    "/.git/config",
    "/..%2F..%2Fetc%2Fpasswd",
    "/%00",
    "/%FF%FE",
    f"/%0D%0AX-Evil:{MARK}",
    f"/{MARK}%E2%80%AE",
    "*",
    f"/{MARK}" + "a" * 7_000,
    f"/cases/H24.15-261123-0001%2Fstatus{MARK}",
    "/docs/assets/..%2F..%2Fapp%2Fkeys.py",
    "/docs/assets/%2Fetc%2Fpasswd",
    f"/docs/assets/{MARK}%00.js",
    f"/problems/{MARK}",
    "/problems/..%2F..%2Fkeys",
    "/problems/%00",
    "/openapi.json/",
    "/console/..%2F..%2Fkeys.json",
)
"""Paths that there are not, of documented and of other routes."""

CONTENT_LENGTHS: Final = {
    "too-large": b"%d" % (262_145),
    "huge": b"9" * 400,
    "negative": b"-1",
    "signed": b"+5",
    "hexadecimal": b"0x10",
    "not-a-number": _MARK,
    "full-width": "５".encode(),
    "two-in-one": b"5, 6",
    "empty": b"",
}
