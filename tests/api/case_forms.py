"""Forms for registering cases over HTTP."""

from typing import Any

from tests.api.conftest import NGOC, Ask

FORM: dict[str, Any] = {"procedure_code": "1.004194", "channel": "in_person", "applicant": NGOC}
NUMBER = "H24.15-261123-0001"


def form_with(*, applicant: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return FORM | {"applicant": NGOC | (applicant or {})} | changes


async def register(ask: Ask, name: str = "receiver", **changes: Any) -> dict[str, Any]:
    answer = await ask(name, "POST", "/cases", json=form_with(**changes))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def look_up(ask: Ask, name: str = "receiver", **changes: Any) -> dict[str, Any]:
    body = {"procedure_code": "1.004194"} | NGOC | changes
    answer = await ask(name, "POST", "/verify/id-card", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
