"""What a caller learns of itself."""

from typing import Any

import pytest

from app.domain.share_fields import SENSITIVE
from tests.api.conftest import Ask

pytestmark = pytest.mark.anyio

MARRIAGE = "1.000894"
BIRTH = "1.001193"
COPIES = "2.000815"


async def me(ask: Ask, name: str) -> dict[str, Any]:
    answer = await ask(name, "GET", "/me")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


def rights_of(profile: dict[str, Any], code: str) -> dict[str, Any]:
    (found,) = (entry for entry in profile["procedures"] if entry["code"] == code)
    rights: dict[str, Any] = found
    return rights


async def test_whether_the_register_would_be_asked_at_all_is_told(ask: Ask) -> None:
    told = {name: (await me(ask, name))["has_id_number"] for name in ("receiver", "receiver3", "portal")}
    assert told == {"receiver": True, "receiver3": False, "portal": None}


async def test_an_officer_learns_who_it_is(ask: Ask) -> None:
    profile = await me(ask, "receiver")
    del profile["procedures"], profile["budgets"]
    assert profile == {
        "kind": "officer",
        "username": "receiver",
        "full_name": "Cán bộ tiếp nhận Một",
        "has_id_number": True,
        "client_id": None,
        "agency": {"code": "H24.15", "name": "Ủy ban nhân dân phường Thử Nghiệm"},
        "roles": ["receiver"],
        "scopes": [
            "cases:read",
            "cases:write",
            "cases:status",
            "verify:id-card",
            "verify:household-head",
            "citizens:share",
        ],
    }


async def test_a_system_learns_who_it_is(ask: Ask) -> None:
    profile = await me(ask, "portal")
    assert (profile["kind"], profile["client_id"], profile["agency"]["code"]) == ("system", "portal", "H24")
    assert (profile["username"], profile["full_name"], profile["roles"]) == (None, None, [])
    assert profile["scopes"] == ["cases:read", "cases:write"]


async def test_a_receiver_learns_what_each_procedure_may_ask(ask: Ask) -> None:
    profile = await me(ask, "receiver")
    assert len(profile["procedures"]) == 6
    assert rights_of(profile, MARRIAGE)["lookups"] == ["id-card", "citizen-share"]
    assert rights_of(profile, COPIES) == {
        "code": COPIES,
        "name": "Chứng thực bản sao từ bản chính",
        "lookups": ["id-card"],
        "share_fields": [],
    }


async def test_groups_are_told_as_their_single_members(ask: Ask) -> None:
    fields = rights_of(await me(ask, "receiver"), MARRIAGE)["share_fields"]
    assert [field for field in fields if not field.startswith("citizen.")] == [
        "spouse.full_name",
        "spouse.nationality",
        "spouse.id_number",
        "spouse.old_id_number",
    ]
    assert set(rights_of(await me(ask, "receiver"), BIRTH)["share_fields"]) & SENSITIVE == {
        "citizen.ethnicity"
    }


@pytest.mark.parametrize("name", ["manager", "manager0", "auditor", "admin", "portal"])
async def test_callers_without_lookup_scopes_may_ask_nothing(ask: Ask, name: str) -> None:
    procedures = (await me(ask, name))["procedures"]
    assert len(procedures) == 6
    assert {(*entry["lookups"], *entry["share_fields"]) for entry in procedures} == {()}
