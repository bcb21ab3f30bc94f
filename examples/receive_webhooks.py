"""Receive webhooks and check that they are the service's own (Standard Webhooks).

    SECRET=whsec_... python examples/receive_webhooks.py 8700

Needs Python only. Prints each change that it takes. Listens on the loopback: put your proxy with TLS before
it.
"""

import hashlib
import hmac
import os
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = b64decode(os.environ["SECRET"].removeprefix("whsec_"))
MAX_AGE_SECONDS = 300
MAX_BODY_BYTES = 65536
SEEN: set[str] = set()
"""Ids that were taken. Yours belong into your database, in the transaction that works the change off."""


def is_genuine(headers: Mapping[str, str], body: bytes) -> bool:
    """Check signature and age, over the bytes as they came."""
    stamp = headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp)) > MAX_AGE_SECONDS:
        return False
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    expected = b"v1," + b64encode(hmac.digest(KEY, signed, hashlib.sha256))
    # There may be several signatures, separated by blanks, while a secret is changed.
    sent = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(expected, signature) for signature in sent)


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to what is genuine, also when it came before, and 401 to all else."""

    timeout = 10

    def do_POST(self) -> None:
        """Take one change."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY_BYTES:
            self._answer(413)
            return
        body = self.rfile.read(int(length))
        if not is_genuine({name.lower(): value for name, value in self.headers.items()}, body):
            self._answer(401)
            return
        if self.headers["webhook-id"] not in SEEN:
            print(body.decode(), flush=True)
            SEEN.add(self.headers["webhook-id"])
        self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    with HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver) as server:
        server.serve_forever()
