"""Requests that are no HTTP, or HTTP at its edges, with the statuses that may answer them.

`{token}` stands for a receiver's token. MARK may come back in no answer and stand in no log.
"""

from typing import Final

MARK: Final = b"Zzhostilezz"

_HOST: Final = b"Host: x\r\n"
_LIVE: Final = b"GET /health/live HTTP/1.1\r\n" + _HOST
_POST: Final = (
    b"POST /verify/id-card HTTP/1.1\r\n"
    + _HOST
    + b"Content-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
)
_CHUNKED: Final = _POST + b"Transfer-Encoding: chunked\r\n\r\n"


def _length(value: bytes, body: bytes = b"{}") -> bytes:
    return _POST + b"Content-Length: " + value + b"\r\n\r\n" + body


NOT_HTTP: Final = {
    "words": MARK + b"\r\n\r\n",
    "all-bytes": bytes(range(256)),
    "tls-hello": bytes.fromhex("16030100a5010000a10303") + b"\x00" * 160,
    "http-2-preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "version-9": b"GET /health/live HTTP/9.9\r\n" + _HOST + b"\r\n",
    "version-0.9": b"GET /" + MARK + b"\r\n\r\n",
    "lower-case-method": b"get /health/live HTTP/1.1\r\n" + _HOST + b"\r\n",
    "made-up-method": MARK.upper() + b" /health/live HTTP/1.1\r\n" + _HOST + b"\r\n",
    "no-target": b"GET  HTTP/1.1\r\n" + _HOST + b"\r\n",
    "blank-in-target": b"GET /cases/ " + MARK + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    "nul-in-target": b"GET /cases/\x00" + MARK + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    "utf-8-in-target": b"GET /cases/" + "Ngọc".encode() + MARK + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    "byte-in-target": b"GET /cases/\xff" + MARK + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    "byte-in-query": b"GET /cases?" + MARK + b"=\xff HTTP/1.1\r\n" + _HOST + b"\r\n",
    "relative-target": b"GET health/live HTTP/1.1\r\n" + _HOST + b"\r\n",
    "broken-host-in-target": b"GET http://[::" + MARK + b"/ HTTP/1.1\r\n" + _HOST + b"\r\n",
    "huge-port-in-target": b"GET http://a:99999999/ HTTP/1.1\r\n" + _HOST + b"\r\n",
    "tunnel": b"CONNECT " + MARK + b".invalid:443 HTTP/1.1\r\n" + _HOST + b"\r\n",
    "no-host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "two-hosts": _LIVE + b"Host: " + MARK + b"\r\n\r\n",
    "blank-before-colon": _LIVE + b"X : " + MARK + b"\r\n\r\n",
    "folded-header": _LIVE + b"X: a\r\n " + MARK + b"\r\n\r\n",
    "nul-in-header": _LIVE + b"X: a\x00" + MARK + b"\r\n\r\n",
    "bare-carriage-return": _LIVE + b"X: a\r" + MARK + b"\r\n\r\n",
    "bare-line-feeds": b"GET /health/live HTTP/1.1\nHost: x\n\n",
    "no-colon": _LIVE + MARK + b"\r\n\r\n",
    "no-name": _LIVE + b": " + MARK + b"\r\n\r\n",
    "negative-length": _length(b"-1"),
    "signed-length": _length(b"+2"),
    "huge-length": _length(b"9" * 30),
    "length-is-a-word": _length(MARK),
    "full-width-length": _length("２".encode()),
    "two-lengths": _length(b"2\r\nContent-Length: 3"),
    "the-same-length-twice": _length(b"2\r\nContent-Length: 2"),
    "list-of-lengths": _length(b"2, 2"),
    "length-and-chunks": _length(b"2\r\nTransfer-Encoding: chunked", b"0\r\n\r\n" + _LIVE + b"\r\n"),
    "chunks-and-length": _POST
    + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "unknown-coding": _POST + b"Transfer-Encoding: x" + MARK + b"\r\n\r\n{}",
    "chunked-not-last": _POST + b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "coding-behind-vertical-tab": _POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunk-size-is-a-word": _CHUNKED + MARK + b"\r\n",
    "negative-chunk": _CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "huge-chunk": _CHUNKED + b"f" * 20 + b"\r\n{}\r\n",
    "chunk-with-prefix": _CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n",
    "chunk-without-end": _CHUNKED + b"2\r\n{}XX0\r\n\r\n",
    "length-in-the-trailer": _CHUNKED + b"2\r\n{}\r\n0\r\nContent-Length: 5\r\nX: " + MARK + b"\r\n\r\n",
}
"""Each of them is answered with one 400, and the connection is closed."""

TOO_LARGE: Final = {
    "target": b"GET /" + MARK * 7_000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    "header": _LIVE + b"X: " + MARK * 7_000 + b"\r\n\r\n",
    "name": _LIVE + MARK * 7_000 + b": a\r\n\r\n",
    "many-headers": _LIVE + b"".join(b"X%d: %s\r\n" % (number, MARK) for number in range(9_000)) + b"\r\n",
    "announced-body": _length(b"300000", b""),
    "body": _length(b"300000", b" " * 300_000),
    "chunks": _CHUNKED + (b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 9 + b"0\r\n\r\n",
}
"""Each of them is answered with one 413, and the connection is closed."""

AT_THE_EDGES: Final[dict[str, tuple[bytes, list[int]]]] = {
    "version-1.0": (b"GET /health/live HTTP/1.0\r\n\r\n", [200]),
    "absolute-target": (
        b"GET http://" + MARK + b".invalid/health/live HTTP/1.1\r\n" + _HOST + b"\r\n",
        [200],
    ),
    "fragment": (b"GET /health/live#" + MARK + b" HTTP/1.1\r\n" + _HOST + b"\r\n", [200]),
    "star": (b"OPTIONS * HTTP/1.1\r\n" + _HOST + b"\r\n", [404]),
    "tunnel-to-a-path": (b"CONNECT /health/live HTTP/1.1\r\n" + _HOST + b"\r\n", [405]),
    "blank-lines-first": (b"\r\n" * 100 + _LIVE + b"\r\n", [200]),
    "head": (b"HEAD /health/live HTTP/1.1\r\n" + _HOST + b"\r\n" + _LIVE + b"\r\n", [200, 200]),
    "body-of-a-get": (_LIVE + b"Content-Length: 11\r\n\r\n" + MARK + _LIVE + b"\r\n", [200, 200]),
    "a-request-in-a-body": (_length(b"%d" % len(_LIVE), _LIVE) + _LIVE + b"\r\n", [400, 200]),
    "many-at-once": ((_LIVE + b"\r\n") * 100, [200] * 100),
    "one-byte-chunks": (_CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", [422]),
    "chunk-extension": (_CHUNKED + b"2;" + MARK * 9_000 + b"\r\n{}\r\n0\r\n\r\n", [422]),
    "trailers": (_CHUNKED + b"2\r\n{}\r\n0\r\n" + b"X: " + MARK + b"\r\n\r\n", [422]),
    "gzip-and-chunks": (_POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", [422]),
    "expect": (_length(b"2\r\nExpect: 100-continue"), [422]),
    "expect-something-else": (_length(b"2\r\nExpect: " + MARK), [422]),
    "websocket": (
        _LIVE + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        [200],
    ),
    "http-2-upgrade": (_LIVE + b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n", [200]),
    "upgrade-with-a-body": (_length(b"2\r\nConnection: Upgrade\r\nUpgrade: " + MARK), [422]),
    "connection-is-a-word": (_LIVE + b"Connection: " + MARK + b"\r\n\r\n", [200]),
    "forwarded-nonsense": (_LIVE + b"X-Forwarded-For: " + MARK + b"\xff\r\n\r\n", [200]),
    "words-after-a-request": (_LIVE + b"\r\n" + MARK + b"\r\n\r\n", []),
}
"""What is let through, or dropped without an answer because one to an earlier request may be on its way."""
