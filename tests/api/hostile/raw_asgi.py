"""Sends requests to an app as bytes: HTTP client libraries mend, order or refuse what these tests send."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI

Pairs = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class RawRequest:
    """A request; `target` is its path and query as sent. Several chunks come without a Content-Length."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes | tuple[bytes, ...] = b""

    def with_header(self, name: str, *values: bytes) -> "RawRequest":
        """Replace all headers of a name; no value takes them away."""
        low = name.lower().encode()
        kept = tuple(pair for pair in self.headers if pair[0] != low)
        return RawRequest(self.method, self.target, kept + tuple((low, value) for value in values), self.body)

    def with_body(self, body: bytes | tuple[bytes, ...]) -> "RawRequest":
        return RawRequest(self.method, self.target, self.headers, body)

    def with_query(self, *parts: str) -> "RawRequest":
        """Write these parts of a query, empty ones left out, in place of the one that is there."""
        query = "&".join(part for part in parts if part)
        path = self.target.partition("?")[0]
        return self.with_target(f"{path}?{query}" if query else path)

    def with_target(self, target: str) -> "RawRequest":
        return RawRequest(self.method, target, self.headers, self.body)


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Give a header that must not come twice."""
        found = [value for key, value in self.headers if key.lower() == name.lower().encode()]
        assert len(found) <= 1, f"{name} came {len(found)} times"
        return found[0].decode("latin-1") if found else None

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def json_code(self) -> str | None:
        """Give the code of a problem document; None for any other answer."""
        if self.header("content-type") != "application/problem+json":
            return None
        code: str = self.json()["code"]
        return code

    def everything(self) -> bytes:
        """Give all bytes of the answer, to look for what must not be there."""
        return b"\n".join([*(name + b": " + value for name, value in self.headers), self.body])


async def send(app: FastAPI, request: RawRequest) -> RawAnswer:
    """Ask the app as the server would; an exception that comes out of it is the test's failure."""
    chunks = list(request.body if isinstance(request.body, tuple) else [request.body])
    sent: list[dict[str, Any]] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if chunks:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def take(message: Any) -> None:
        sent.append(message)

    await app(_scope(app, request), receive, take)
    start, *parts = sent
    return RawAnswer(start["status"], tuple(start["headers"]), b"".join(part["body"] for part in parts))


def _scope(app: FastAPI, request: RawRequest) -> dict[str, Any]:
    """Make the scope that the server makes of such a request, with a path decoded as it does that."""
    path, _, query = request.target.partition("?")
    names = {name for name, _ in request.headers}
    length: Pairs = ()
    if isinstance(request.body, tuple):
        length = ((b"transfer-encoding", b"chunked"),)
    elif request.body and b"content-length" not in names:
        length = ((b"content-length", b"%d" % len(request.body)),)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(b"host", b"testserver"), *request.headers, *length],
        "client": ("127.0.0.1", 50_000),
        "server": ("testserver", 80),
        "state": {},
        "app": app,
    }
