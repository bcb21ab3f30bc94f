"""Alerts as the operator's receiver, the log and the figures hear of them."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import httpx
import pytest

from app.alerts import Alert
from app.composition.alerts import open_alerts
from app.main import create_app
from app.services.metrics import Metrics
from app.settings.settings import Settings
from tests.api.conftest import BASE_URL, NGOC, Ask, TestClock
from tests.processes import free_port
from tests.receivers import Receiver, running_receiver

pytestmark = pytest.mark.anyio

SECRET = b"thirty-two bytes of a made-up key"
DECOY = "100199999991"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with running_receiver() as receiver:
        yield receiver


async def first_taken(receiver: Receiver) -> None:
    async with asyncio.timeout(20):
        while not receiver.taken:  # noqa: ASYNC110 - the receiver is as simple as it can be
            await asyncio.sleep(0.02)


async def test_a_decoy_is_answered_as_anybody_and_told_to_the_log_the_figures_and_the_receiver(
    sandbox_url: str, key_file: Path, clock: TestClock, receiver: Receiver, logs: StringIO
) -> None:
    refused_once = iter([503])
    receiver.answer = lambda _message: next(refused_once, 204)
    settings = Settings.model_validate(
        {
            "database_url": sandbox_url,
            "key_file": key_file,
            "alert_webhook_url": receiver.url,
            "alert_webhook_secret": "whsec_" + base64.b64encode(SECRET).decode(),
            "alert_decoy_numbers": f"{DECOY}, 100199999992",
        }
    )
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
            token = (await client.post("/auth/token", data=form)).json()["access_token"]
            answer = await client.post(
                "/verify/id-card",
                json={"procedure_code": "1.004194"} | NGOC | {"id_number": DECOY},
                headers={"Authorization": f"Bearer {token}"},
            )
            assert answer.json()["result"] == "not_found"
            await first_taken(receiver)
            figures = (await client.get("/metrics")).text
    assert receiver.taken == [
        {
            "alert": "decoy-number",
            "about": "receiver",
            "agency": "H24.15",
            "lookup_id": answer.json()["lookup_id"],
        }
    ]
    headers, body = receiver.tries[-1]
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    expected = base64.b64encode(hmac.digest(SECRET, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert 'motcua_alerts_total{alert="decoy-number"} 1.0' in figures
    assert '"alert": "decoy-number"' in logs.getvalue()
    assert DECOY not in logs.getvalue() + body.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"alert_webhook_url": "http://127.0.0.1:9"},
        {"alert_webhook_secret": "whsec_" + base64.b64encode(SECRET).decode()},
        {"alert_webhook_url": "http://127.0.0.1:9", "alert_webhook_secret": "whsec_c2hvcnQ="},
        {"alert_webhook_url": "http://127.0.0.1:9", "alert_webhook_secret": "no secret"},
        {"alert_decoy_numbers": "12345"},
    ],
)
def test_wrong_settings_of_alerts_do_not_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"alert|ALERT") as refused:
        Settings.model_validate(wrong)
    assert "12345" not in str(refused.value)


async def test_a_receiver_may_be_named_by_an_ipv6_address(clock: TestClock, logs: StringIO) -> None:
    settings = Settings.model_validate(
        {
            # Nobody listens there; what counts is that it is asked.
            "alert_webhook_url": f"http://[::1]:{free_port()}/hook",
            "alert_webhook_secret": "whsec_" + base64.b64encode(SECRET).decode(),
        }
    )
    async with open_alerts(settings, Metrics(), clock) as alerts:
        alerts.tell(Alert.DECOY_NUMBER, about="receiver")
        async with asyncio.timeout(20):
            while "alert-not-posted" not in logs.getvalue():  # noqa: ASYNC110 - a log sets no event
                await asyncio.sleep(0.02)
    assert '"failure": "unreachable"' in logs.getvalue()


async def test_another_person_in_the_answer_is_told_for_each_officer(ask: Ask, logs: StringIO) -> None:
    body = {"procedure_code": "1.004194"} | NGOC | {"id_number": "100999000005"}
    for officer in ("receiver", "receiver", "receiver2"):
        answer = await ask(officer, "POST", "/verify/id-card", json=body)
        assert answer.json()["code"] == "population-database-mismatch"
    told = [
        line for line in logs.getvalue().splitlines() if '"population-database-mismatch", "about"' in line
    ]
    assert [json.loads(line)["about"] for line in told] == ["receiver", "receiver2"]
