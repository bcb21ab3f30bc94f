"""Passwords and second factors as administrators set them and take them away."""

import unicodedata

import httpx
import pytest

from tests.api.conftest import Ask
from tests.api.test_administration import OFFICER, last_change, log_in, put

pytestmark = pytest.mark.anyio


async def test_a_password_opens_its_account_whichever_way_its_letters_were_composed(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    composed = "Mật khẩu Ví Dụ 14!"
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    await put(ask, "/officers/moi", OFFICER | {"password": decomposed})
    assert (await log_in(client, "moi", composed)).status_code == 200
    assert (await log_in(client, "moi", decomposed)).status_code == 200


async def test_taking_a_second_factor_away_is_on_record_and_changes_nothing_else(ask: Ask) -> None:
    await put(ask, "/officers/moi", OFFICER)
    before = (await ask("admin", "GET", "/officers/moi")).json()
    assert (await ask("admin", "DELETE", "/officers/moi/second-factor")).status_code == 204
    assert (await ask("admin", "GET", "/officers/moi")).json() == before
    record = await last_change(ask)
    assert record["result"] == "officer-second-factor-removed"
    assert record["details"] == {"officer_changed": "moi"}
