import json

import pytest

from app.errors import PopulationDatabaseUnavailableError
from app.intake.refusals import plain_request, refusal

HEAD = b"POST /cases?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
WHOLE = HEAD + b"\r\n{}"


@pytest.mark.parametrize(
    ("sent", "path", "language"),
    [
        (WHOLE, "/cases", "vi"),
        (HEAD + b"Accept-Language: en\r\n\r\n{}", "/cases", "en"),
        (b"GET /cases HTTP/1.1\r\nHost: x\r\n\r\n", "/cases", "vi"),
    ],
)
def test_a_plain_request_is_read_by_its_outside(sent: bytes, path: str, language: str) -> None:
    assert plain_request(sent) == (path, language)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x00" * 100,
        b"\r\n\r\n",
        WHOLE[:-1],
        WHOLE + b"G",
        WHOLE + WHOLE,
        WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0"),
        WHOLE.replace(b"POST", b"OPTIONS"),
        WHOLE.replace(b"/cases", b"/c%61ses"),
        WHOLE.replace(b"/cases", b"/cases#"),
        WHOLE.replace(b"/cases", b"http://x/cases"),
        WHOLE.replace(b"Content-Length: 2", b"Content-Length:\t2"),
        b"POST /cases HTTP/1.1\r\nHost: x\r\nContent-Length:34\r\n\r\n",
        b"POST /cases HTTP/1.1\r\nHost: x\nContent-Length: 34\r\n\r\n",
        WHOLE.replace(b"Content-Length: 2", b"Content-Length: " + b"0" * 5_000 + b"2"),
        WHOLE.replace(b"Content-Length: 2", b"Content-Length: +2"),
        WHOLE.replace(b"Content-Length: 2", b"Content-Length: 2, 2"),
        WHOLE.replace(b"Content-Length: 2", b"Content-Length: 2\r\ncontent-length: 2"),
        WHOLE.replace(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length : 3"),
        WHOLE.replace(b"Content-Length: 2", b"Content-Length: 2\r\nTransfer-Encoding: chunked"),
        WHOLE.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        WHOLE.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue"),
        WHOLE.replace(b"Host: x", b"Host: x\r\nConnection: close"),
        WHOLE.replace(b"Host: x", b"Host: x\r\nX-Request-Id: mine"),
        WHOLE.replace(b"Content-Length: 2", "Content-Length: ２".encode()),
    ],
)
def test_what_is_unusual_is_left_to_the_parser(sent: bytes) -> None:
    assert plain_request(sent) is None


def test_each_refusal_has_an_id_of_its_own_in_all_three_places() -> None:
    seen = set()
    for _ in range(2):
        answer = refusal(PopulationDatabaseUnavailableError, "en", retry_after_seconds=3)
        head, _, body = answer.partition(b"\r\n\r\n")
        document = json.loads(body)
        assert f"x-request-id: {document['request_id']}\r\n".encode() in head
        assert document["instance"] == f"/requests/{document['request_id']}"
        assert f"content-length: {len(body)}".encode() in head
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 3\r\n" in head
        seen.add(document["request_id"])
    assert len(seen) == 2
