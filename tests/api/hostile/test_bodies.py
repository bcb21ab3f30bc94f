"""Hostile bodies for every operation of the OpenAPI document that takes one, as bytes.

Whatever is sent: never a 5xx, a refusal in the contract's own shape, nothing of it in the answer or in the
log, nothing changed in the database, and a service as well as before (`HostileDesk`).
"""

import json
from typing import Final

import pytest

from tests.api.hostile.body_values import (
    BAD_FORMS,
    BROKEN_BODIES,
    CONTENT_HEADERS,
    FORBIDDEN_TEXTS,
    ODD_TEXTS,
    TYPED_VALUES,
    UNKNOWN_NAMES,
)
from tests.api.hostile.desk import ACCEPTED, REFUSED, HostileDesk
from tests.api.hostile.operations import (
    LOG_IN,
    WITH_JSON,
    Operation,
    changed,
    fits_pattern,
    is_free_text,
    members,
    objects,
    types_of,
)
from tests.conftest import DATABASES

pytestmark = pytest.mark.anyio

ALL_WITH_JSON: Final = pytest.mark.parametrize("operation", WITH_JSON, ids=str)
ON_BOTH: Final = pytest.mark.parametrize("kind", DATABASES)
ON_ONE: Final = pytest.mark.parametrize("kind", DATABASES[:1])
# It refuses texts that SQLite takes.
ON_POSTGRES: Final = pytest.mark.parametrize("kind", DATABASES[1:])


@ON_ONE
@ALL_WITH_JSON
async def test_a_broken_body_is_refused(
    desk: HostileDesk, operation: Operation, subtests: pytest.Subtests
) -> None:
    plain = await desk.request(operation)
    assert isinstance(plain.body, bytes)
    for name, break_it in BROKEN_BODIES.items():
        broken = break_it(plain.body)
        expected = {413} if len(broken) > 262_144 else {400, 422}
        if broken == b"{}" and "required" not in operation.schema:
            # An object of which no member is required may be empty.
            expected = {200}
        with subtests.test(name):
            whole = await desk.attack(plain.with_body(broken), expected)
            in_pieces = (broken[:1_000], b"", broken[1_000:])
            chunked = await desk.attack(plain.with_body(in_pieces), expected)
            assert (whole.status, whole.json().get("code")) == (chunked.status, chunked.json().get("code"))


@ON_ONE
@ALL_WITH_JSON
async def test_a_body_under_another_name_is_refused(
    desk: HostileDesk, operation: Operation, subtests: pytest.Subtests
) -> None:
    plain = await desk.request(operation)
    assert isinstance(plain.body, bytes)
    for what, (name, texts, mend) in CONTENT_HEADERS.items():
        request = plain.with_header(name, *texts).with_body(mend(plain.body))
        with subtests.test(what):
            answer = await desk.attack(request, {415})
            assert answer.json()["code"] == "unsupported-media-type"


@ON_ONE
@ALL_WITH_JSON
@pytest.mark.parametrize("text", FORBIDDEN_TEXTS)
async def test_no_member_may_hold_a_forbidden_text(
    desk: HostileDesk, operation: Operation, text: str
) -> None:
    plain = await desk.request(operation)
    for steps, _ in members(operation.schema):
        body = changed(operation.body, steps, FORBIDDEN_TEXTS[text])
        await desk.attack(plain.with_body(json.dumps(body).encode()), {400, 422})
        raw = json.dumps(body, ensure_ascii=False).encode(errors="surrogatepass")
        await desk.attack(plain.with_body(raw), {400, 422})


@ON_POSTGRES
@ALL_WITH_JSON
@pytest.mark.parametrize("text", ODD_TEXTS)
async def test_only_free_text_may_hold_an_odd_text(
    desk: HostileDesk, operation: Operation, text: str
) -> None:
    plain = await desk.request(operation)
    for steps, schema in members(operation.schema):
        body = changed(operation.body, steps, ODD_TEXTS[text])
        may_hold = is_free_text(schema) or fits_pattern(schema, ODD_TEXTS[text])
        await desk.attack(
            plain.with_body(json.dumps(body).encode()), REFUSED | ACCEPTED if may_hold else REFUSED
        )


@ON_ONE
@ALL_WITH_JSON
@pytest.mark.parametrize("value", TYPED_VALUES)
async def test_no_member_may_be_of_another_type(desk: HostileDesk, operation: Operation, value: str) -> None:
    kind, sent = TYPED_VALUES[value]
    plain = await desk.request(operation)
    for steps, schema in members(operation.schema):
        body = json.dumps(changed(operation.body, steps, sent)).encode()
        expected = REFUSED | ACCEPTED if kind in types_of(schema) else {422}
        await desk.attack(plain.with_body(body), expected)


@ON_ONE
@ALL_WITH_JSON
@pytest.mark.parametrize("name", UNKNOWN_NAMES)
async def test_no_object_may_have_an_unknown_member(
    desk: HostileDesk, operation: Operation, name: str
) -> None:
    plain = await desk.request(operation)
    for steps in objects(operation.schema):
        body = changed(operation.body, (*steps, name), {"a": 1})
        answer = await desk.attack(plain.with_body(json.dumps(body).encode()), {422})
        assert "unknown-member" in {fault["code"] for fault in answer.json()["errors"]}
        assert len(answer.body) < 20_000


@ON_BOTH
@pytest.mark.parametrize("form", BAD_FORMS)
async def test_a_hostile_form_gets_no_token(desk: HostileDesk, form: str) -> None:
    answer = await desk.attack((await desk.request(LOG_IN)).with_body(BAD_FORMS[form]), {400, 401})
    assert "error" in answer.json()
    assert answer.header("cache-control") == "no-store"
