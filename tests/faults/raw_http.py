"""Speaks to a service over a bare socket, with bytes that no HTTP client would send."""

import re
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tests.processes import Service

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.1 ([2-5]\d\d) [^\r\n]*\r\n")
_PATIENCE_SECONDS: Final = 10.0
_STEP_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Conversation:
    """What the service said, how long it took, and whether it hung up in the end."""

    said: bytes
    seconds: float
    was_closed: bool

    @property
    def statuses(self) -> list[int]:
        return _statuses(self.said)


def connected(service: Service) -> socket.socket:
    address = urlsplit(service.base_url)
    peer = socket.create_connection((address.hostname, address.port), timeout=5)
    peer.settimeout(_STEP_SECONDS)
    return peer


def speak(
    service: Service, parts: Sequence[bytes], *, answers: int, pause_seconds: float = 0.0
) -> Conversation:
    """Send the parts with pauses between them, and listen until so many answers are there or it hangs up."""
    began = time.monotonic()
    said = bytearray()
    was_closed = False
    with connected(service) as peer:
        for part in parts:
            # A service that has hung up may still have said something before.
            with suppress(ConnectionError, TimeoutError):
                peer.sendall(part)
            time.sleep(pause_seconds)
        while time.monotonic() - began < _PATIENCE_SECONDS and len(_statuses(said)) < answers:
            try:
                heard = peer.recv(65_536)
            except TimeoutError:
                continue
            except ConnectionError:
                heard = b""
            said += heard
            if not heard:
                was_closed = True
                break
    return Conversation(bytes(said), time.monotonic() - began, was_closed)


def _statuses(said: bytes | bytearray) -> list[int]:
    return [int(status) for status in _STATUS_LINE.findall(said)]
