"""What belongs to another agency is answered as what never was: status, headers, body and time alike.

Every operation of the OpenAPI document that names something in its path is here by itself; what bodies and
queries name has its rows below.
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest
from sqlalchemy import insert, select

from app.db.tables import Officer
from tests.api.conftest import NGOC
from tests.api.hostile.desk import REFUSED, HostileDesk
from tests.api.hostile.operations import OPERATIONS, WITH_PATH_PARAMETERS, Operation
from tests.api.hostile.raw_asgi import RawAnswer, RawRequest, send
from tests.conftest import DATABASES
from tests.timing import take_the_same_time

pytestmark = pytest.mark.anyio

CASE: Final = "H24.15-261123-0001"

# By the first part of a path: what there is of another agency, and what there is not.
OBJECTS: Final = {
    "cases": (CASE, "H24.15-261123-0777"),
    "webhooks": ("6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11", "6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d12"),
    "audit": ("0", "987654"),
    "officers": ("receiver", "nobody"),
    "agencies": ("H24.15", "H24.77"),
    "clients": ("portal", "nobody"),
}
EVERYBODYS: Final = {"procedures": "one catalogue for all agencies"}

# Of another agency than what there is: a receiver is in the sandbox, the others are made.
NEIGHBOURS: Final = {"receiver": "receiver2", "auditor": "auditor16", "admin": "admin16"}

ON_BOTH: Final = pytest.mark.parametrize("kind", DATABASES)
ON_ONE: Final = pytest.mark.parametrize("kind", DATABASES[:1])
OF_AGENCIES: Final = [item for item in WITH_PATH_PARAMETERS if item.path.split("/")[1] not in EVERYBODYS]
# To put what is not there makes it; that a name is taken cannot be kept from who wants to give it.
NAMING: Final = [item for item in OF_AGENCIES if item.method != "PUT"]
PUTTING: Final = [item for item in OF_AGENCIES if item.method == "PUT"]
ALL_NAMING: Final = pytest.mark.parametrize("operation", NAMING, ids=str)


@dataclass(frozen=True)
class Named:
    """A request that names something in its body: of another agency, or nothing that there is."""

    operation: str
    foreign: dict[str, Any]
    unknown: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.operation} {'+'.join(self.foreign)}"


_NOBODYS_LOOKUP: Final = "01999999-0000-7000-8000-000000000001"
_PURPOSES: Final = ({"receipt_number": CASE}, {"receipt_number": "H24.15-261123-0777"})
IN_BODIES: Final = [
    Named("POST /verify/id-card", *_PURPOSES),
    Named("POST /verify/household-head", *_PURPOSES),
    Named("POST /citizens/share", *_PURPOSES),
    Named("POST /cases", {"lookup_ids": ["LOOKUP"]}, {"lookup_ids": [_NOBODYS_LOOKUP]}),
    Named("POST /webhooks", {"agency_code": "H24.15"}, {"agency_code": "H24.77"}),
    Named("POST /cases/search", {"receipt_number": CASE}, {"receipt_number": "H24.15-261123-0777"}),
]
IN_QUERIES: Final = [
    ("GET /audit/records", "agency=H24.15", "agency=H24.77"),
    ("GET /audit/records", "officer=receiver", "officer=nobody"),
    # Of the kind of a change: his own refused lookups for that number, an auditor sees.
    (
        "GET /audit/records",
        f"kind=CHANGE&receipt_number={CASE}",
        "kind=CHANGE&receipt_number=H24.15-261123-0777",
    ),
    ("GET /cases", "procedure_code=1.004194", "procedure_code=9.999999"),
]


@pytest.fixture
def neighbours(desk: HostileDesk) -> HostileDesk:
    """Give the service with an auditor and an administrator of the neighbouring agency."""
    with desk.database.begin() as connection:
        known = set(connection.scalars(select(Officer.username)))
        for role in ("auditor", "admin"):
            row = (
                connection.execute(select(Officer.__table__).where(Officer.username == role)).mappings().one()
            )
            new = {**row, "username": f"{role}16", "agency_code": "H24.16"}
            if new["username"] not in known:
                connection.execute(insert(Officer).values(new))
    return desk


async def neighbours_request(desk: HostileDesk, operation: Operation, **path: str) -> RawRequest:
    assert operation.account is not None
    token = await desk.token(NEIGHBOURS[operation.account])
    return (
        operation.request(token).with_target(operation.target(**path)).with_query(operation.required_query())
    )


def what_it_tells(answer: RawAnswer) -> tuple[Any, ...]:
    """Give all of an answer but the request's own id, which is another each time."""
    own = (answer.header("x-request-id") or "").encode()
    headers = [(name, value) for name, value in answer.headers if name.lower() != b"x-request-id"]
    return answer.status, headers, answer.body.replace(own, b"ID")


def test_every_operation_that_names_something_is_compared() -> None:
    unknown = {item.path.split("/")[1] for item in WITH_PATH_PARAMETERS} - OBJECTS.keys() - EVERYBODYS.keys()
    assert unknown == set(), "say in OBJECTS what there is of another agency, and what there is not"


async def foreign_and_unknown(desk: HostileDesk, operation: Operation) -> tuple[RawRequest, RawRequest]:
    """Give two requests that differ in what they name; the first path parameter is the object."""
    parameter = next(item["name"] for item in operation.parameters if item["in"] == "path")
    foreign, unknown = OBJECTS[operation.path.split("/")[1]]
    return (
        await neighbours_request(desk, operation, **{parameter: foreign}),
        await neighbours_request(desk, operation, **{parameter: unknown}),
    )


@ON_BOTH
@ALL_NAMING
async def test_what_is_anothers_is_answered_as_what_never_was(
    neighbours: HostileDesk, operation: Operation
) -> None:
    foreign, unknown = await foreign_and_unknown(neighbours, operation)
    answers = [await neighbours.attack(request, {404}) for request in (foreign, unknown)]
    assert what_it_tells(answers[0]) == what_it_tells(answers[1])


@ON_BOTH
@pytest.mark.parametrize("operation", PUTTING, ids=str)
async def test_what_is_anothers_cannot_be_replaced(neighbours: HostileDesk, operation: Operation) -> None:
    foreign, _ = await foreign_and_unknown(neighbours, operation)
    body = json.dumps(operation.body).replace('"H24.15"', '"H24.16"').replace('"H24"', '"H24.16"').encode()
    await neighbours.attack(foreign.with_body(body), {404, 422})


@ON_BOTH
@ALL_NAMING
async def test_what_is_anothers_takes_the_time_of_what_never_was(
    neighbours: HostileDesk, operation: Operation
) -> None:
    foreign, unknown = await foreign_and_unknown(neighbours, operation)
    await neighbours.attack(foreign, {404})
    assert await take_the_same_time(
        partial(send, neighbours.app, foreign), partial(send, neighbours.app, unknown)
    )


@ON_ONE
async def test_the_measure_tells_a_case_from_none(neighbours: HostileDesk) -> None:
    """A comparison that found nothing different at all would prove nothing."""
    operation = next(item for item in OPERATIONS if str(item) == "GET /cases/{receipt_number}/receipt")
    owner = operation.request(await neighbours.token("receiver"))
    unknown = owner.with_target("/cases/H24.15-261123-0777/receipt")
    assert not await take_the_same_time(
        partial(send, neighbours.app, owner), partial(send, neighbours.app, unknown)
    )


@ON_BOTH
@pytest.mark.parametrize("named", IN_BODIES, ids=str)
async def test_what_a_body_names_of_another_is_answered_as_nothing(
    neighbours: HostileDesk, named: Named
) -> None:
    operation = next(item for item in OPERATIONS if str(item) == named.operation)
    request = await neighbours_request(neighbours, operation)
    lookup = await a_lookup_of_another(neighbours) if "lookup_ids" in named.foreign else ""
    told = []
    for names in (named.foreign, named.unknown):
        body = json.dumps(operation.body | names).replace("LOOKUP", lookup).encode()
        answer = await neighbours.attack(request.with_body(body), REFUSED | {200})
        told.append(what_it_tells(answer))
    assert told[0] == told[1]
    assert told[0][0] == 200 or b"not-found" in told[0][2]


@ON_BOTH
@pytest.mark.parametrize(("name", "foreign", "unknown"), IN_QUERIES)
async def test_what_a_query_names_of_another_finds_nothing(
    neighbours: HostileDesk, name: str, foreign: str, unknown: str
) -> None:
    operation = next(item for item in OPERATIONS if str(item) == name)
    plain = await neighbours_request(neighbours, operation)
    answers = [await neighbours.attack(plain.with_query(query), {200}) for query in (foreign, unknown)]
    assert what_it_tells(answers[0]) == what_it_tells(answers[1])
    assert answers[0].json()["items"] == []


@ON_BOTH
async def test_who_receives_and_manages_sees_the_cases_below_and_edits_his_own(
    neighbours: HostileDesk,
) -> None:
    by_name = {str(item): item for item in OPERATIONS}
    register, edit = by_name["POST /cases"], by_name["PATCH /cases/{receipt_number}"]
    read = by_name["GET /cases/{receipt_number}"]
    below = register.request(await neighbours.token("receiver15"))
    number = (await neighbours.attack(below, {201})).json()["receipt_number"]
    with neighbours.database.begin() as connection:
        row = (
            connection.execute(select(Officer.__table__).where(Officer.username == "manager"))
            .mappings()
            .one()
        )
        both = {**row, "username": "both", "roles": ["receiver", "manager"]}
        connection.execute(insert(Officer).values(both))
    token = await neighbours.token("both")
    for operation, named, status in ((read, number, 200), (edit, number, 404), (edit, CASE, 200)):
        request = operation.request(token).with_target(operation.target(receipt_number=named))
        await neighbours.attack(request, {status})


async def a_lookup_of_another(desk: HostileDesk) -> str:
    """Let the receiver of the other agency look somebody up, and give the lookup's id."""
    operation = next(item for item in OPERATIONS if str(item) == "POST /verify/id-card")
    body = json.dumps({"procedure_code": "1.004194", **NGOC}).encode()
    answer = await desk.attack(operation.request(await desk.token("receiver")).with_body(body), {200})
    lookup: str = answer.json()["lookup_id"]
    return lookup
