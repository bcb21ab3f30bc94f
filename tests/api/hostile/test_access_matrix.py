"""Every operation of the OpenAPI document, called as everybody: the policy's table is what happens.

A new route is in the matrix by itself. What holds of every refusal is checked by `HostileDesk`.
"""

from typing import Final

import pytest

from app.domain.caller import LOOKUP_SCOPES, SCOPES_OF_ROLE, Role, Scope
from app.domain.policy import scopes_of_system
from tests.api.hostile.desk import HostileDesk
from tests.api.hostile.operations import LOG_IN, OPERATIONS, Operation
from tests.api.hostile.raw_asgi import RawAnswer
from tests.conftest import DATABASES

pytestmark = pytest.mark.anyio

# The portal is registered to read and to write cases.
HELD: Final = {role.value: SCOPES_OF_ROLE[role] for role in Role} | {
    "portal": scopes_of_system({Scope.CASES_READ, Scope.CASES_WRITE})
}
"""Sandbox accounts with one role each, and a system, with the scopes that they hold."""

# What lets nobody in: (header values), () for none.
NO_TOKENS: Final = {
    "none": (),
    "empty": (b"",),
    "of-another-scheme": (b"Basic cG9ydGFsOnNhbmRib3g=",),
    "no-token": (b"Bearer x",),
}

ALL: Final = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
GUARDED: Final = pytest.mark.parametrize(
    "operation", [item for item in OPERATIONS if item.scopes is not None], ids=str
)
ON_BOTH: Final = pytest.mark.parametrize("kind", DATABASES)
ON_ONE: Final = pytest.mark.parametrize("kind", DATABASES[:1])


@ON_BOTH
@ALL
@pytest.mark.parametrize("account", HELD)
async def test_a_caller_enters_exactly_where_the_policy_says(
    desk: HostileDesk, operation: Operation, account: str
) -> None:
    request = operation.request(await desk.token(account))
    if operation.scopes is None or operation.scopes <= HELD[account]:
        answer = await desk.attack(request, {200, 201, 204, 304, 404, 409, 422})
        assert answer.json_code not in {"unauthenticated", "insufficient-scope"}
        return
    denied = desk.denied()
    answer = await desk.attack(request, {403})
    assert answer.json_code == "insufficient-scope"
    # A look into the register that was refused is on record, any other refusal only in the log.
    assert desk.denied() - denied == (1 if operation.scopes & LOOKUP_SCOPES else 0)


@ON_ONE
@GUARDED
@pytest.mark.parametrize("header", NO_TOKENS)
async def test_nobody_enters_without_a_token(desk: HostileDesk, operation: Operation, header: str) -> None:
    plain = operation.request(None).with_header("authorization", *NO_TOKENS[header])
    check_unknown_caller(await desk.attack(plain, {401}))


@ON_ONE
@GUARDED
async def test_nobody_enters_with_a_forged_token(desk: HostileDesk, operation: Operation) -> None:
    head, claims, signature = (await desk.token("receiver")).split(".")
    forged = (
        f"{head}.{claims}.{signature[::-1]}",
        f"{head}.{claims}.",
        f"eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{claims}.",
        f"{head}.{(await desk.token('admin')).split('.')[1]}.{signature}",
    )
    for token in forged:
        check_unknown_caller(await desk.attack(operation.request(token), {401}))


@ON_ONE
@GUARDED
async def test_a_caller_is_refused_before_his_body_is_looked_at(
    desk: HostileDesk, operation: Operation
) -> None:
    broken = operation.request(None).with_header("content-type", b"text/plain").with_body(b"{")
    check_unknown_caller(await desk.attack(broken, {401}))


def test_the_matrix_holds_every_operation_and_every_kind_of_entrance() -> None:
    assert len(OPERATIONS) > len(Scope)
    declared = {scope for operation in OPERATIONS for scope in operation.scopes or ()}
    assert declared == set(Scope)
    assert LOG_IN.scopes is None


def check_unknown_caller(answer: RawAnswer) -> None:
    assert answer.json_code == "unauthenticated"
    assert (answer.header("www-authenticate") or "").startswith("Bearer")
