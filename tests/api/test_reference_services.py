"""The services that `make bench` compares ours with answer as ours does, or its ratios would mean nothing."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from benchmarks import floor, textbook
from benchmarks.served import LOOKUP

pytestmark = pytest.mark.anyio


async def _answer(app: FastAPI) -> httpx.Response:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client,
    ):
        return await client.post("/verify/id-card", json=LOOKUP)


async def test_the_floor_answers_with_our_model() -> None:
    answer = await _answer(floor.app)
    assert (answer.status_code, answer.json()["result"]) == (200, "exists")


async def test_the_textbook_service_answers_with_our_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path / 'textbook.db'}")
    answer = await _answer(textbook.app)
    assert (answer.status_code, answer.json()["result"]) == (200, "exists")
    assert answer.json()["audit"]["sequence"] == 1
