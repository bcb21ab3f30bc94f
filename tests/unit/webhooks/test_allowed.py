"""Where webhooks may be sent."""

import asyncio
from ipaddress import ip_network

import pytest

from app.adapters.webhooks.allowed import AllowedTargets
from app.adapters.webhooks.sender import open_webhook_sender
from app.domain.webhook import Delivery, DeliveryFailure
from tests.receivers import running_receiver

pytestmark = pytest.mark.anyio

ALLOWED = AllowedTargets({"portal.example.vn"}, [ip_network("10.1.0.0/16")], takes_plain_http=False)


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("203.162.4.191", True),
        ("2001:ee0:1::1", True),
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("192.168.1.1", False),
        ("0.0.0.0", False),  # noqa: S104 - refused
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("fd00::1", False),
    ],
)
def test_only_public_addresses_and_named_networks_are_connected_to(address: str, *, is_allowed: bool) -> None:
    assert ALLOWED.has_address(address) is is_allowed


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://portal.example.vn/a", True),
        ("https://PORTAL.example.vn:8443/a", True),
        ("http://portal.example.vn/a", False),
        ("https://portal.example.vn.evil.example/a", False),
        ("https://evil.example/portal.example.vn", False),
        ("https://[portal.example.vn/a", False),
    ],
)
def test_only_named_hosts_are_sent_to(url: str, *, is_allowed: bool) -> None:
    assert ALLOWED.has_url(url) is is_allowed


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_host_that_is_allowed_but_stands_in_our_own_network_is_not_connected_to(host: str) -> None:
    async with running_receiver() as receiver:
        url = receiver.url.replace("127.0.0.1", host)
        delivery = Delivery(url, {"Content-Type": "application/json"}, b"{}")
        narrow = AllowedTargets({host}, [], takes_plain_http=True)
        async with open_webhook_sender(narrow) as sender:
            failure = await sender.send(delivery)
        assert failure in {DeliveryFailure("not-allowed"), DeliveryFailure("unreachable")}
        assert receiver.tries == []
        wide = AllowedTargets({host}, [ip_network("127.0.0.0/8")], takes_plain_http=True)
        async with open_webhook_sender(wide) as sender:
            assert await sender.send(Delivery(url, delivery.headers, b'{"data": {}}')) is None


async def test_a_host_that_is_no_longer_allowed_is_not_connected_to() -> None:
    async with running_receiver() as receiver, open_webhook_sender(ALLOWED) as sender:
        assert await sender.send(Delivery(receiver.url, {}, b"{}")) == DeliveryFailure("not-allowed")
        assert receiver.tries == []


async def test_a_receiver_that_does_not_answer_in_time_is_left() -> None:
    left = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    own = AllowedTargets({"127.0.0.1"}, [ip_network("127.0.0.0/8")], takes_plain_http=True)
    async with open_webhook_sender(own, seconds=0.1) as sender:
        assert await sender.send(Delivery(url, {}, b"{}")) == DeliveryFailure("timeout")
    await asyncio.wait_for(left.wait(), timeout=5)
    server.close()
