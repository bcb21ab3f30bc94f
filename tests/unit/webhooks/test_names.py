"""Names that hang while a webhook's host, or an issuer of tokens, is looked up."""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from app.adapters.oidc.key_source import open_issuer_key_source
from app.adapters.webhooks.allowed import AllowedTargets
from app.adapters.webhooks.sender import open_webhook_sender
from app.domain.issuer_keys import IssuerUnreachableError
from app.domain.webhook import Delivery, DeliveryFailure
from tests.receivers import running_receiver

pytestmark = pytest.mark.anyio

# More than the event loop has threads for.
HANGING = [f"host{number}.example.vn" for number in range(40)]
TARGETS = AllowedTargets(
    {*HANGING, "localhost", "nobody.example.vn", "broken.example.vn"},
    [ip_network("127.0.0.0/8")],
    takes_plain_http=True,
)

ENDING = """
import asyncio, socket, threading, time
from ipaddress import ip_network
from app.adapters.webhooks.allowed import AllowedTargets
from app.adapters.webhooks.sender import open_webhook_sender
from app.domain.webhook import Delivery

asked = threading.Event()

def hang(*_arguments, **_options):
    asked.set()
    time.sleep(50)

async def send():
    async with open_webhook_sender(AllowedTargets({"a.example.vn"}, [], takes_plain_http=True)) as sender:
        sending = asyncio.create_task(sender.send(Delivery("http://a.example.vn/", {}, b"{}")))
        assert await asyncio.to_thread(asked.wait, 20)
        sending.cancel()

socket.getaddrinfo = hang
asyncio.run(send())
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let the names hang until the test ends, and tell what the system was asked."""
    ended = threading.Event()
    system: Callable[..., Any] = socket.getaddrinfo
    asked: list[str] = []

    def look_up(host: str, *arguments: Any, **options: Any) -> Any:
        asked.append(host)
        if host in HANGING:
            ended.wait(30)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        if host == "broken.example.vn":
            raise UnicodeError("label too long")
        if host == "nobody.example.vn":
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return system(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield asked
    ended.set()


def delivery(host: str) -> Delivery:
    return Delivery(f"http://{host}/hook", {}, b'{"data": {}}')


async def test_names_that_hang_hold_up_no_other_name(asked: list[str]) -> None:
    async with running_receiver() as receiver, open_webhook_sender(TARGETS, seconds=5) as sender:
        hanging = [asyncio.create_task(sender.send(delivery(host))) for host in HANGING]
        async with asyncio.timeout(4):
            while not set(HANGING) <= set(asked):  # noqa: ASYNC110 - a thread sets no event of the loop
                await asyncio.sleep(0.01)
            # Of whatever else the process looks up, and of a webhook.
            assert await asyncio.get_running_loop().getaddrinfo("localhost", 80)
            known = receiver.url.replace("127.0.0.1", "localhost")
            assert await sender.send(Delivery(known, {}, b'{"data": {}}')) is None
        assert await asyncio.gather(*hanging) == [DeliveryFailure("timeout")] * len(HANGING)


async def test_a_name_that_hangs_is_looked_up_once_however_often_it_is_tried(
    asked: list[str],
) -> None:
    async with open_webhook_sender(TARGETS, seconds=0.5) as sender:
        for _ in range(3):
            assert await sender.send(delivery(HANGING[0])) == DeliveryFailure("timeout")
    assert asked == HANGING[:1]


async def test_an_issuer_whose_name_hangs_holds_up_no_other_name(asked: list[str]) -> None:
    issuer = f"https://{HANGING[0]}"
    async with open_issuer_key_source(issuer=issuer, jwks_url=None, ca_file=None) as source:
        with pytest.raises(IssuerUnreachableError):
            await source.fetch()
    assert asked == HANGING[:1]
    assert "name-lookup" in {thread.name for thread in threading.enumerate()}


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("host", ["nobody.example.vn", "broken.example.vn"])
async def test_a_host_without_an_address_is_unreachable_each_time(host: str) -> None:
    async with open_webhook_sender(TARGETS) as sender:
        for _ in range(2):
            assert await sender.send(delivery(host)) == DeliveryFailure("unreachable")


async def test_a_process_that_can_begin_no_thread_delivers_once_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def begin(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async with running_receiver() as receiver, open_webhook_sender(TARGETS) as sender:
        known = Delivery(receiver.url.replace("127.0.0.1", "localhost"), {}, b'{"data": {}}')
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", begin)
            assert await sender.send(known) == DeliveryFailure("unreachable")
        assert await sender.send(known) is None


def test_a_process_ends_while_a_name_hangs() -> None:
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, timeout=40, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert time.monotonic() - began < 30
