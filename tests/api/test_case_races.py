"""Several writers on one case, from two services on one database: nothing is lost, nothing counted twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings.settings import Settings
from tests.api.case_forms import FORM, NUMBER
from tests.api.conftest import BASE_URL, TestClock

pytestmark = pytest.mark.anyio

Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def senders(settings: Settings, clock: TestClock) -> AsyncIterator[tuple[Send, Send]]:
    """Open the service twice on the same database, as two of its processes are."""
    apps = [create_app(settings, clock=clock) for _ in range(2)]
    async with apps[0].router.lifespan_context(apps[0]), apps[1].router.lifespan_context(apps[1]):
        clients = [
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=BASE_URL
            )
            for app in apps
        ]
        login = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
        token = (await clients[0].post("/auth/token", data=login)).json()["access_token"]

        def sender(client: httpx.AsyncClient) -> Send:
            async def send(method: str, path: str, **request: Any) -> httpx.Response:
                headers = {"Authorization": f"Bearer {token}"} | request.pop("headers", {})
                return await client.request(method, path, headers=headers, **request)

            return send

        yield sender(clients[0]), sender(clients[1])
        for client in clients:
            await client.aclose()


async def test_of_many_changes_for_one_version_one_is_made(senders: tuple[Send, Send]) -> None:
    created = await senders[0]("POST", "/cases", json=FORM)
    for _ in range(5):
        tag = (await senders[0]("GET", f"/cases/{NUMBER}")).headers["etag"]
        answers = await asyncio.gather(
            *(
                senders[number % 2](
                    "PATCH", f"/cases/{NUMBER}", json={"note": f"{tag} {number}"}, headers={"If-Match": tag}
                )
                for number in range(10)
            )
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 9}
    assert (await senders[1]("GET", f"/cases/{NUMBER}")).json()["version"] == created.json()["version"] + 5


async def test_changes_of_different_members_are_all_kept(senders: tuple[Send, Send]) -> None:
    await senders[0]("POST", "/cases", json=FORM)
    patches: tuple[dict[str, Any], ...] = (
        {"note": "ghi chú"},
        {"organization_name": "Công ty"},
        {"applicant": {"phone": "0912 345 678"}},
        {"applicant": {"email": "a@example.vn"}},
        {"applicant": {"address": "Số 1"}},
        {"payment_status": "paid"},
        {"field_visit_on": "2026-11-26"},
        {"documents": [{"name": "A", "copies": 1, "form": "copy"}]},
    )
    answers = await asyncio.gather(
        *(
            senders[number % 2]("PATCH", f"/cases/{NUMBER}", json=patch)
            for number, patch in enumerate(patches)
        ),
        senders[1]("POST", f"/cases/{NUMBER}/status", json={"to": "in_progress"}),
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(2, 11))
    case = (await senders[0]("GET", f"/cases/{NUMBER}")).json()
    for patch in patches:
        contact = patch.get("applicant", {})
        assert case | patch | {"applicant": case["applicant"] | contact} == case
    assert case["status"] == "in_progress"


async def test_a_step_that_two_take_is_taken_once(senders: tuple[Send, Send]) -> None:
    await senders[0]("POST", "/cases", json=FORM)
    for target in ("in_progress", "completed", "returned"):
        answers = await asyncio.gather(
            *(
                senders[number % 2]("POST", f"/cases/{NUMBER}/status", json={"to": target})
                for number in range(6)
            )
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 5}


async def test_one_key_on_two_processes_makes_one_case(senders: tuple[Send, Send]) -> None:
    answers = await asyncio.gather(
        *(
            senders[number % 2](
                "POST", "/cases", json=FORM, headers={"Idempotency-Key": "một".encode().hex()}
            )
            for number in range(50)
        )
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json().get("receipt_number") for answer in answers if answer.status_code == 201} == {
        NUMBER
    }
    assert len((await senders[0]("GET", "/cases")).json()["items"]) == 1


async def test_a_reader_of_the_feed_misses_nothing_that_writers_add_meanwhile(
    senders: tuple[Send, Send],
) -> None:
    await senders[0]("POST", "/cases", json=FORM)
    read: list[dict[str, Any]] = []
    done = asyncio.Event()

    async def follow() -> None:
        while True:
            is_last = done.is_set()
            after = read[-1]["sequence"] if read else 0
            read.extend((await senders[1]("GET", f"/cases/changes?after={after}&limit=3")).json()["items"])
            if is_last and len(read) == 61:
                return

    async def write() -> None:
        await asyncio.gather(
            *(
                senders[number % 2]("POST", "/cases", json=FORM)
                if number % 3
                else senders[number % 2]("PATCH", f"/cases/{NUMBER}", json={"note": f"{number}"})
                for number in range(60)
            )
        )
        done.set()

    async with asyncio.timeout(60):
        await asyncio.gather(follow(), write())
    assert [item["sequence"] for item in read] == list(range(1, 62))
    assert Counter(item["change"] for item in read) == {"registered": 41, "details_changed": 20}
