"""An OpenID Connect issuer as a process of its own; what it publishes and how it behaves, a file tells it.

The file holds `keys` and `behaviour`; each request's path is added to a second file.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.foreign_tokens import ForeignKey
from tests.processes import free_port

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/keys"


@dataclass
class Issuer:
    """The running issuer; `url` is its `iss`."""

    url: str
    orders: Path
    journal: Path
    process: subprocess.Popen[bytes]

    def publish(self, *keys: ForeignKey, behaviour: str = "honest") -> None:
        """Change what it answers from the next request on."""
        draft = self.orders.with_suffix(".draft")
        draft.write_text(json.dumps({"keys": [key.jwk for key in keys], "behaviour": behaviour}))
        draft.replace(self.orders)

    def asked(self) -> list[str]:
        """Give the paths of all requests since the last time this was asked."""
        paths = self.journal.read_text().split() if self.journal.exists() else []
        self.journal.unlink(missing_ok=True)
        return paths

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)


@contextmanager
def running_issuer(folder: Path, *keys: ForeignKey) -> Iterator[Issuer]:
    """Start an issuer that publishes keys, and wait until it answers."""
    port = free_port()
    orders, journal = folder / f"issuer-{port}.json", folder / f"issuer-{port}.log"
    command = [sys.executable, "-m", "tests.issuer_process", str(port), str(orders), str(journal)]
    issuer = Issuer(f"http://127.0.0.1:{port}/realms/city", orders, journal, subprocess.Popen(command))
    issuer.publish(*keys)
    try:
        _wait_until_ready(issuer)
        yield issuer
    finally:
        issuer.stop()


def _wait_until_ready(issuer: Issuer) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            httpx.get(issuer.url + KEYS, timeout=2)
            break
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the issuer did not start"
            time.sleep(0.05)
    issuer.asked()


def serve(port: int, orders: Path, journal: Path) -> None:
    """Answer until killed."""
    issuer = f"http://127.0.0.1:{port}/realms/city"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with journal.open("a") as stream:
                stream.write(f"{self.path}\n")
            told: dict[str, Any] = json.loads(orders.read_text())
            found: dict[str, Any] = {"issuer": issuer, "jwks_uri": issuer + KEYS}
            if self.path.endswith(KEYS):
                found = {"keys": told["keys"]}
            self._answer(json.dumps(found).encode(), told["behaviour"])

        def _answer(self, body: bytes, behaviour: str) -> None:
            if behaviour == "silent":
                time.sleep(30)
            if behaviour == "another's discovery":
                body = body.replace(b"/realms/city", b"/realms/evil")
            if behaviour == "keys elsewhere":
                body = body.replace(b'"jwks_uri": "http://127.0.0.1', b'"jwks_uri": "http://localhost')
            if behaviour == "keys nowhere":
                body = body.replace(b'"jwks_uri"', b'"keys_uri"')
            bodies = {
                "huge": b" " * 1_000_000 + body,
                "garbage": b"<html>",
                "a list": b"[]",
                "no keys": b"{}",
            }
            self.send_response({"broken": 500, "elsewhere": 302}.get(behaviour, 200))
            if behaviour == "elsewhere":
                self.send_header("Location", issuer + KEYS)
            body = bodies.get(behaviour, body)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
