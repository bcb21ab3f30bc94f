"""Webhooks over HTTP, delivered to a real receiver."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, update

from app.db.tables import Webhook
from app.domain.webhook import PATIENCE, PATIENCE_WHEN_REFUSED
from app.main import create_app
from app.settings.settings import Settings
from tests.api.case_forms import NUMBER, register
from tests.api.conftest import BASE_URL, Ask, TestClock, TokenOf
from tests.receivers import Receiver, running_receiver

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(sandbox_url: str, key_file: Path) -> Settings:
    return Settings(
        database_url=sandbox_url,
        key_file=key_file,
        webhook_hosts="127.0.0.1,portal.example.vn",
        webhook_networks="127.0.0.0/8",
    )


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with running_receiver() as receiver:
        yield receiver


async def create(ask: Ask, url: str, **more: Any) -> dict[str, Any]:
    answer = await ask("admin", "POST", "/webhooks", json={"url": url} | more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def listed(ask: Ask) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await ask("admin", "GET", "/webhooks")).json()["items"]
    return items


async def deliver(app: FastAPI, clock: TestClock, *, until: Any, seconds: int = 1) -> None:
    """Let time go on until something holds; the service itself looks for work once a second."""
    async with asyncio.timeout(120):
        while not until():
            clock.advance(timedelta(seconds=seconds))
            await app.state.webhook_delivery.deliver_due()
            await asyncio.sleep(0.01)


async def test_every_change_is_delivered_in_order_and_signed(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver
) -> None:
    await register(ask)
    made = await create(ask, receiver.url)
    for note in ("1", "2"):
        await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"note": note})
    await ask("receiver", "POST", f"/cases/{NUMBER}/status", json={"to": "in_progress"})
    await deliver(app, clock, until=lambda: len(receiver.taken) == 3)
    # What was before the webhook is not sent.
    assert receiver.taken == (await ask("portal", "GET", "/cases/changes?after=1")).json()["items"]
    secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
    for headers, body in receiver.tries:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == f"v1,{digest}"
        assert headers["content-type"] == "application/json"
    assert len({headers["webhook-id"] for headers, _ in receiver.tries}) == 3
    (view,) = await listed(ask)
    assert (view["delivered_to"], view["failures"], view["failing"]) == (4, 0, None)
    assert "secret" not in view


@pytest.mark.parametrize("failing", [500, 503, 429, 302, 0])
async def test_a_receiver_that_fails_for_a_while_gets_everything_once_it_is_back(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver, failing: int
) -> None:
    await create(ask, receiver.url)
    receiver.answer = lambda _message: failing
    numbers = [(await register(ask))["receipt_number"] for _ in range(3)]
    await deliver(app, clock, until=lambda: len(receiver.tries) >= 4)
    assert receiver.taken == []
    (view,) = await listed(ask)
    assert view["failures"] >= 4
    assert view["failing"] == ("unreachable" if failing == 0 else f"answered-{failing}")
    # One at a time, and always the first: none overtakes another.
    assert len({headers["webhook-id"] for headers, _ in receiver.tries}) == 1
    receiver.answer = lambda _message: 200
    for number in numbers:
        await ask("receiver", "POST", f"/cases/{number}/status", json={"to": "in_progress"})
    await deliver(app, clock, until=lambda: len(receiver.taken) == 6, seconds=30)
    assert receiver.sequences == list(range(1, 7))


async def test_what_a_receiver_refuses_becomes_a_dead_letter_and_can_be_sent_again(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver
) -> None:
    made = await create(ask, receiver.url)
    receiver.answer = lambda message: 422 if message["data"]["sequence"] == 2 else 200
    for _ in range(3):
        await register(ask)
    await deliver(app, clock, until=lambda: receiver.sequences == [1, 3], seconds=10)
    assert len(receiver.tries) == 2 + PATIENCE_WHEN_REFUSED
    path = f"/webhooks/{made['id']}/dead-letters"
    (letter,) = (await ask("admin", "GET", path)).json()["items"]
    assert (letter["sequence"], letter["failure"]) == (2, "answered-422")
    assert (await listed(ask))[0]["dead_letters"] == 1
    # Refused again, it stays; taken, it goes.
    assert (await ask("admin", "POST", f"{path}/2/resend")).status_code == 204
    await deliver(app, clock, until=lambda: len(receiver.tries) == 3 + PATIENCE_WHEN_REFUSED)
    receiver.answer = lambda _message: 200
    assert (await ask("admin", "POST", f"{path}/2/resend")).status_code == 204
    await deliver(app, clock, until=lambda: receiver.sequences == [1, 3, 2])
    assert (await ask("admin", "GET", path)).json() == {"items": [], "next_cursor": None}
    assert (await ask("admin", "POST", f"{path}/2/resend")).status_code == 404


async def test_deliveries_and_dead_letters_read_nothing_of_what_changes_say(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver, statements: list[str]
) -> None:
    made = await create(ask, receiver.url)
    await register(ask)
    await ask("receiver", "PATCH", f"/cases/{NUMBER}", json={"note": "1"})
    statements.clear()
    receiver.answer = lambda _message: 422
    await deliver(app, clock, until=lambda: len(receiver.tries) == 2 * PATIENCE_WHEN_REFUSED, seconds=10)
    receiver.answer = lambda _message: 200
    path = f"/webhooks/{made['id']}/dead-letters"
    assert len((await ask("admin", "GET", path)).json()["items"]) == 2
    assert (await ask("admin", "POST", f"{path}/2/resend")).status_code == 204
    await deliver(app, clock, until=lambda: receiver.sequences == [2])
    assert [statement for statement in statements if "details_sealed" in statement] == []


async def resend_of_a_letter_beside_a_waiting_change(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver
) -> str:
    """Have one change given up and the next wait for minutes; give the path to send the first again."""
    made = await create(ask, receiver.url)
    receiver.answer = lambda message: 422 if message["data"]["sequence"] == 1 else 500
    for _ in range(2):
        await register(ask)
    await deliver(app, clock, until=lambda: len(receiver.tries) == PATIENCE_WHEN_REFUSED + 9, seconds=60)
    return f"/webhooks/{made['id']}/dead-letters/1/resend"


async def test_a_dead_letter_is_sent_again_at_once_however_long_its_webhook_is_to_wait(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver
) -> None:
    path = await resend_of_a_letter_beside_a_waiting_change(ask, app, clock, receiver)
    receiver.answer = lambda _message: 200
    assert (await ask("admin", "POST", path)).status_code == 204
    asked = clock.now
    await deliver(app, clock, until=lambda: 1 in receiver.sequences)
    assert clock.now - asked < timedelta(seconds=10)


async def test_asking_for_dead_letters_costs_the_waiting_change_none_of_its_tries(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver
) -> None:
    path = await resend_of_a_letter_beside_a_waiting_change(ask, app, clock, receiver)
    # The service's own turn may be under way.
    await app.state.webhook_delivery.deliver_due()
    waiting = (await listed(ask))[0]
    assert waiting["failures"] == 9
    for _ in range(5):
        assert (await ask("admin", "POST", path)).status_code == 204
        tries = len(receiver.tries)
        await deliver(app, clock, until=lambda tries=tries: len(receiver.tries) > tries)
    sent = [json.loads(body)["data"]["sequence"] for _, body in receiver.tries]
    assert sent[PATIENCE_WHEN_REFUSED + 9 :] == [1] * 5
    await app.state.webhook_delivery.deliver_due()
    assert (await listed(ask))[0] == waiting
    # The pause itself ends as it would have.
    receiver.answer = lambda _message: 200
    await deliver(app, clock, until=lambda: receiver.sequences == [2], seconds=60)
    assert clock.now >= datetime.fromisoformat(waiting["next_try_at"])


async def test_a_receiver_that_never_comes_back_is_tried_for_a_day(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver
) -> None:
    await create(ask, receiver.url)
    receiver.answer = lambda _message: 500
    began = clock.now
    await register(ask)
    await deliver(app, clock, until=lambda: len(receiver.tries) == PATIENCE, seconds=300)
    assert clock.now - began > timedelta(hours=24)
    (view,) = await listed(ask)
    assert (view["dead_letters"], view["failures"]) == (1, 0)


async def test_a_webhook_gets_the_changes_of_its_agency_and_those_below(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver
) -> None:
    await create(ask, receiver.url, agency_code="H24.15")
    for name in ("receiver", "receiver2", "receiver15"):
        await register(ask, name)
    await deliver(app, clock, until=lambda: len(receiver.taken) == 2)
    assert receiver.sequences == [1, 3]
    # It knows that it has seen the others' too, and is idle.
    assert (await listed(ask))[0]["delivered_to"] == 3


async def test_two_processes_send_each_change_once(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver, settings: Settings
) -> None:
    await create(ask, receiver.url)
    other = create_app(settings, clock=clock)
    async with other.router.lifespan_context(other):
        for _ in range(20):
            await register(ask)
            clock.advance(timedelta(seconds=1))
            await asyncio.gather(
                app.state.webhook_delivery.deliver_due(), other.state.webhook_delivery.deliver_due()
            )
        await deliver(app, clock, until=lambda: len(receiver.taken) >= 20)
    assert receiver.sequences == list(range(1, 21))


async def test_no_process_skips_a_change_of_an_agency_that_another_has_just_made(
    ask: Ask, clock: TestClock, receiver: Receiver, settings: Settings, token_of: TokenOf
) -> None:
    await create(ask, receiver.url)
    other = create_app(settings, clock=clock)
    async with (
        other.router.lifespan_context(other),
        httpx.AsyncClient(transport=httpx.ASGITransport(other), base_url=BASE_URL) as client,
    ):
        known = await client.get("/me", headers={"Authorization": f"Bearer {await token_of('portal')}"})
        assert known.status_code == 200
        made = await ask("admin", "PUT", "/agencies/H24.99", json={"name": "Xã Mới", "parent": "H24"})
        assert made.status_code == 201
        await register(ask, "portal", agency_code="H24.99")
        await register(ask)
        await other.state.webhook_delivery.deliver_due()
        await deliver(other, clock, until=lambda: len(receiver.taken) >= 2)
    assert receiver.sequences == [1, 2]


async def test_a_slow_receiver_holds_up_no_other_and_no_end(
    ask: Ask, clock: TestClock, receiver: Receiver, settings: Settings
) -> None:
    begun, ending = asyncio.Event(), asyncio.Event()
    answering: set[asyncio.Task[None] | None] = set()

    async def dawdle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            (length,) = re.findall(rb"(?i)content-length: ([0-9]+)", head)
            await reader.readexactly(int(length))
            begun.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), timeout=1)
            writer.write(b"HTTP/1.1 204 X\r\nConnection: close\r\n\r\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(dawdle, "127.0.0.1", 0)
    await create(ask, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/slow")
    await create(ask, receiver.url)
    for _ in range(8):
        await register(ask)
    other = create_app(settings, clock=clock)
    async with other.router.lifespan_context(other), asyncio.timeout(7):
        await begun.wait()
        while len(receiver.taken) < 8:  # noqa: ASYNC110 - the receiver has no event for it
            await asyncio.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    server.close()
    ending.set()
    await asyncio.wait([task for task in answering if task is not None])


async def test_webhooks_that_are_made_at_once_are_counted_one_after_the_other(
    ask: Ask, receiver: Receiver
) -> None:
    for number in range(5):
        body = {"url": f"{receiver.url}/{number}"}
        answers = await asyncio.gather(*(ask("admin", "POST", "/webhooks", json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_a_lease_of_a_process_that_died_runs_out(
    ask: Ask, app: FastAPI, clock: TestClock, receiver: Receiver, owner_url: str
) -> None:
    await create(ask, receiver.url)
    engine = create_engine(owner_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(update(Webhook).values(leased_until=clock.now + timedelta(seconds=30)))
    await register(ask)
    for _ in range(3):
        await app.state.webhook_delivery.deliver_due()
    assert receiver.taken == []
    clock.advance(timedelta(seconds=31))
    await deliver(app, clock, until=lambda: len(receiver.taken) == 1)
    assert (await listed(ask))[0]["delivered_to"] == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://other.example.vn/hook", "host-not-allowed"),
        ("https://10.0.0.1/hook", "host-not-allowed"),
        ("ftp://127.0.0.1/hook", "invalid-url"),
        ("https://portal.example.vn@127.0.0.1/", "invalid-url"),
        ("https://portal.example.vn/?token=1", "invalid-url"),
        ("https://portal.example.vn/#a", "invalid-url"),
        ("//portal.example.vn/", "invalid-url"),
        ("https://portal.example.vn:0/hook", "invalid-url"),
        ("https://" + "a" * 2_000, "too-long"),
    ],
)
async def test_an_address_that_is_not_allowed_is_refused(ask: Ask, url: str, fault: str) -> None:
    answer = await ask("admin", "POST", "/webhooks", json={"url": url})
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/url", fault)]
    assert await listed(ask) == []


async def test_an_address_is_subscribed_once_for_an_agency(ask: Ask) -> None:
    await create(ask, "https://portal.example.vn/hook")
    again = await ask("admin", "POST", "/webhooks", json={"url": "https://portal.example.vn/hook"})
    assert again.status_code == 422
    assert again.json()["errors"][0]["code"] == "repeated"
    await create(ask, "https://portal.example.vn/hook", agency_code="H24.15")


async def test_the_list_comes_in_pages_the_oldest_first(ask: Ask, clock: TestClock) -> None:
    made = []
    for number in range(5):
        made.append((await create(ask, f"https://portal.example.vn/{number}"))["id"])
        clock.advance(timedelta(seconds=1))
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = (await ask("admin", "GET", "/webhooks", params=params)).json()
        seen += [webhook["id"] for webhook in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made
    forged = base64.urlsafe_b64encode(b"1\nno-uuid").decode().rstrip("=")
    refused = await ask("admin", "GET", "/webhooks", params={"cursor": forged})
    assert [error["code"] for error in refused.json()["errors"]] == ["invalid-cursor"]


async def test_webhooks_are_for_administrators_within_their_agencies(ask: Ask) -> None:
    for name in ("receiver", "manager", "auditor", "portal"):
        for method, path in (("GET", "/webhooks"), ("POST", "/webhooks")):
            body = {"url": "https://portal.example.vn/"} if method == "POST" else None
            assert (await ask(name, method, path, json=body)).status_code == 403
    answer = await ask(
        "admin", "POST", "/webhooks", json={"url": "https://portal.example.vn/", "agency_code": "H25"}
    )
    assert answer.json()["code"] == "agency-not-found"


async def test_a_removed_webhook_is_gone(ask: Ask) -> None:
    made = await create(ask, "https://portal.example.vn/hook")
    assert (await ask("admin", "DELETE", f"/webhooks/{made['id']}")).status_code == 204
    assert await listed(ask) == []
    for method, path in (
        ("DELETE", f"/webhooks/{made['id']}"),
        ("GET", f"/webhooks/{made['id']}/dead-letters"),
        ("POST", f"/webhooks/{made['id']}/dead-letters/1/resend"),
    ):
        assert (await ask("admin", method, path)).status_code == 404
    records = (await ask("auditor", "GET", "/audit/records?kind=CHANGE")).json()["items"]
    results = [item["record"]["result"] for item in records]
    assert results == ["webhook-removed", "webhook-created"]
