"""`If-Match` on changes of what has no entity tag, over the whole service and both databases."""

from typing import Any

import pytest

from tests.api.conftest import NGOC, Ask
from tests.api.test_administration import CLIENT, OFFICER

pytestmark = pytest.mark.anyio

PROCEDURE: dict[str, Any] = {
    "name": "Thủ tục mới",
    "level": "partial",
    "processing_days": 3,
    "is_active": True,
    "lookups": ["id-card"],
    "share_fields": [],
}
WEBHOOK = "/webhooks/6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11"
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "agency": ("/agencies/H24.17", {"name": "Xã Mới", "parent": "H24"}),
    "officer": ("/officers/moi", OFFICER),
    "client": ("/clients/one-stop", CLIENT),
    "procedure": ("/procedures/9.000001", PROCEDURE),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_of_what_has_no_version_is_for_none(ask: Ask, change: str) -> None:
    path, body = CHANGES[change]
    for tag in ('"1"', 'W/"1-0-0-00000000"', '"a", "b"', "1", "*", ""):
        refused = await ask("admin", "PUT", path, json=body, headers={"If-Match": tag})
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition-failed"), tag
    assert (await ask("admin", "GET", path)).status_code == 404
    made = await ask("admin", "PUT", path, json=body)
    assert made.status_code == 201
    assert "etag" not in made.headers
    for headers, status in (({"If-Match": '"1"'}, 412), ({}, 200), ({"If-Match": " * "}, 412)):
        answer = await ask("admin", "PUT", path, json=body, headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("who", "method", "path", "body"),
    [
        (
            "receiver",
            "POST",
            "/me/password",
            {"current_password": "sandbox", "new_password": OFFICER["password"]},
        ),
        ("receiver", "POST", "/me/second-factor", {"current_password": "sandbox"}),
        ("receiver", "PUT", "/me/second-factor", {"otp": "000000"}),
        ("admin", "DELETE", "/officers/receiver/second-factor", None),
        ("admin", "POST", "/webhooks", {"url": "https://portal.example.vn/hook", "agency": "H24"}),
        ("admin", "DELETE", WEBHOOK, None),
        ("admin", "POST", f"{WEBHOOK}/dead-letters/0/resend", None),
    ],
)
async def test_other_changes_are_for_no_version_either(
    ask: Ask, who: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    refused = await ask(who, method, path, json=body, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition-failed")
    records = (await ask("auditor", "GET", "/audit/records", params={"kind": "CHANGE"})).json()["items"]
    assert records == []


async def test_who_may_not_change_is_told_that_and_nothing_of_versions(ask: Ask) -> None:
    refused = await ask("receiver", "PUT", "/officers/moi", json=OFFICER, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-scope")


async def test_a_lookup_is_no_change(ask: Ask) -> None:
    body = {"procedure_code": "1.004194"} | NGOC
    answer = await ask("receiver", "POST", "/verify/id-card", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
