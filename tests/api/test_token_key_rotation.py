"""The service while its token key changes: nobody has to log in again, unless the key was stolen."""

from datetime import timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from fastapi import FastAPI

from app.keys.key_file import Keys, replace_token_keys
from app.keys.token_keys import TokenKeys
from app.settings.settings import Settings
from tests.api.conftest import TestClock, TokenOf

pytestmark = pytest.mark.anyio


@pytest.fixture
def key_file(keys: Keys, tmp_path: Path) -> Path:
    """Give a key file of the test's own, for it is changed."""
    path = tmp_path / "keys.json"
    keys.write(path)
    return path


async def status(client: httpx.AsyncClient, token: str) -> int:
    return (await client.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code


async def published(client: httpx.AsyncClient) -> list[str]:
    return [key["kid"] for key in (await client.get("/.well-known/jwks.json")).json()["keys"]]


def key_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def put(app: FastAPI, path: Path, old: TokenKeys, new: TokenKeys) -> None:
    replace_token_keys(path, new, instead_of=old)
    await app.state.token_key_watch.look()


async def test_a_change_of_the_key_ends_no_session(
    app: FastAPI, client: httpx.AsyncClient, keys: Keys, key_file: Path, clock: TestClock, token_of: TokenOf
) -> None:
    before = await token_of("receiver")
    rotated = keys.token_keys.rotated(clock.now.timestamp())
    old, new = (key.jwk["kid"] for key in rotated.keys)
    await put(app, key_file, keys.token_keys, rotated)
    assert await published(client) == [old, new]
    assert key_of(await token_of("receiver")) == old
    clock.advance(timedelta(minutes=6))
    after = await token_of("receiver")
    assert (key_of(before), key_of(after)) == (old, new)
    assert [await status(client, token) for token in (before, after)] == [200, 200]
    clock.advance(timedelta(minutes=62))
    assert await published(client) == [new]


async def test_a_key_that_was_taken_away_is_out_at_once_with_tokens_that_were_read_before(
    app: FastAPI, client: httpx.AsyncClient, keys: Keys, key_file: Path, token_of: TokenOf
) -> None:
    stolen = await token_of("receiver")
    assert await status(client, stolen) == 200
    await put(app, key_file, keys.token_keys, keys.token_keys.replaced())
    assert await status(client, stolen) == 401
    assert await status(client, await token_of("receiver")) == 200


async def test_a_file_that_cannot_be_read_leaves_the_keys_that_are_in_use(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings, token_of: TokenOf
) -> None:
    token = await token_of("receiver")
    settings.key_file.write_text("{")
    await app.state.token_key_watch.look()
    assert await status(client, token) == 200
    assert await status(client, await token_of("receiver")) == 200
