"""Who calls by a token, as the accounts are now; and what the service knows of agencies and procedures."""

import asyncio

import pytest
from sqlalchemy import update

from app.db import tables
from app.db.engine import Database
from app.domain.caller import LOOKUP_SCOPES, Caller, Role, Scope
from app.domain.directory import Agency, AgencyTree
from app.domain.lookup_kind import LookupKind
from app.domain.oauth import GrantType
from app.errors import UnauthenticatedError
from app.keys.sealing import Sealer
from app.services.directory import Directory
from app.services.tokens import AccessClaims
from tests.unit.identity.conftest import MovedClock, change_officer

pytestmark = pytest.mark.anyio

EVERYTHING = frozenset(Scope)
HOME = "127.0.0.1"


def claims(username: str | None, client_id: str | None = None) -> AccessClaims:
    return AccessClaims(username, client_id, EVERYTHING, 0, 0)


async def caller(directory: Directory, username: str | None, client_id: str | None = None) -> Caller:
    return await directory.caller_of(claims(username, client_id), source_address=HOME)


async def test_a_caller_has_the_scopes_that_token_and_roles_share(directory: Directory) -> None:
    known = await caller(directory, "receiver")
    assert known.roles == {Role.RECEIVER}
    assert known.scopes == {Scope.CASES_READ, Scope.CASES_WRITE, Scope.CASES_STATUS} | LOOKUP_SCOPES
    assert (known.agency_code, known.source_address) == ("H24.15", HOME)
    narrow = AccessClaims("receiver", None, frozenset({Scope.CASES_READ, Scope.ADMIN}), 0, 0)
    assert (await directory.caller_of(narrow, source_address=HOME)).scopes == {Scope.CASES_READ}


@pytest.mark.parametrize(
    ("username", "reach"),
    [
        ("receiver", {"H24.15"}),
        ("receiver15", {"H24.15.01"}),
        ("manager", {"H24.15", "H24.15.01"}),
        ("manager0", {"H24", "H24.15", "H24.15.01", "H24.16"}),
        ("auditor", {"H24", "H24.15", "H24.15.01", "H24.16"}),
    ],
)
async def test_managers_reach_below_their_agency_and_receivers_do_not(
    directory: Directory, username: str, reach: set[str]
) -> None:
    assert (await caller(directory, username)).reach == reach


async def test_an_auditors_role_does_not_open_other_desks_to_a_receiver(
    loaded: Database, directory: Directory
) -> None:
    await change_officer(loaded, "receiver", roles=["receiver", "auditor"])
    assert (await caller(directory, "receiver")).reach == {"H24.15"}
    await change_officer(loaded, "manager", roles=["receiver", "manager"])
    assert (await caller(directory, "manager")).reach == {"H24.15", "H24.15.01"}


async def test_a_system_reaches_all_below_its_agency_and_never_looks_people_up(directory: Directory) -> None:
    portal = await caller(directory, None, "portal")
    assert portal.is_system
    assert portal.reach == {"H24", "H24.15", "H24.15.01", "H24.16"}
    assert portal.scopes == {Scope.CASES_READ, Scope.CASES_WRITE}


async def test_an_officer_and_a_system_of_the_same_name_are_not_confused(directory: Directory) -> None:
    for username, client_id in (("portal", None), (None, "receiver")):
        with pytest.raises(UnauthenticatedError):
            await caller(directory, username, client_id)


async def test_a_token_that_names_nobody_is_refused(directory: Directory) -> None:
    with pytest.raises(UnauthenticatedError):
        await caller(directory, None)


async def test_a_disabled_account_is_out_within_half_a_minute(
    loaded: Database, directory: Directory, clock: MovedClock
) -> None:
    await caller(directory, "receiver")
    await change_officer(loaded, "receiver", is_active=False)
    clock.advance(seconds=30)
    with pytest.raises(UnauthenticatedError):
        await caller(directory, "receiver")


async def test_an_officer_is_out_when_the_system_that_vouched_is_disabled(
    loaded: Database, directory: Directory, clock: MovedClock
) -> None:
    async with loaded.write() as session:
        await session.execute(update(tables.Client).values(grants=[GrantType.JWT_BEARER]))
    assert (await caller(directory, "receiver", "portal")).client_id == "portal"
    async with loaded.write() as session:
        await session.execute(update(tables.Client).values(is_active=False))
    clock.advance(seconds=30)
    with pytest.raises(UnauthenticatedError):
        await caller(directory, "receiver", "portal")


async def test_a_role_that_was_taken_away_is_gone_within_half_a_minute(
    loaded: Database, directory: Directory, clock: MovedClock
) -> None:
    await caller(directory, "receiver")
    await change_officer(loaded, "receiver", roles=["manager"])
    clock.advance(seconds=30)
    assert not (await caller(directory, "receiver")).scopes & LOOKUP_SCOPES


async def test_a_second_request_asks_the_database_nothing(
    directory: Directory, statements: list[str]
) -> None:
    async def one_request() -> None:
        await caller(directory, "receiver")
        await directory.procedure("1.004194")
        await directory.officer_id_number("receiver")

    statements.clear()
    await asyncio.gather(*(one_request() for _ in range(20)))
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 3
    statements.clear()
    await one_request()
    assert statements == []


async def test_an_officers_number_is_unsealed_only_for_the_officer(
    directory: Directory, sealer: Sealer
) -> None:
    assert await directory.officer_id_number("receiver") == "100185000901"
    assert await directory.officer_id_number("receiver3") is None
    assert await directory.officer_id_number("nobody") is None
    officer = await directory.officer("receiver")
    assert officer is not None
    assert "100185000901" not in repr(officer)
    assert officer.id_number_sealed != sealer.seal(b"100185000901", place="officer.id_number:receiver")


async def test_procedures_are_known_active_or_not(
    loaded: Database, directory: Directory, clock: MovedClock
) -> None:
    procedure = await directory.procedure("1.004194")
    assert procedure is not None
    assert procedure.national_code == "1.004194"
    assert procedure.lookups == frozenset(LookupKind)
    assert await directory.procedure("9.999999") is None
    async with loaded.write() as session:
        await session.execute(update(tables.Procedure).values(is_active=False))
    clock.advance(seconds=30)
    known = await directory.procedures()
    assert len(known) == 6
    assert not any(procedure.is_active for procedure in known)


async def test_agencies_are_known_with_those_below(directory: Directory) -> None:
    agency = await directory.agency("H24.15.01")
    assert agency is not None
    assert agency.parent_code == "H24.15"
    assert await directory.agency("H25") is None
    assert await directory.agencies_below("H25") == frozenset()
    assert await directory.agencies_below("H24.15") == {"H24.15", "H24.15.01"}


def test_a_ring_of_agencies_still_ends() -> None:
    tree = AgencyTree.of([Agency("A", "A", "B"), Agency("B", "B", "A"), Agency("C", "C", None)])
    assert tree.reach == {"A": {"A", "B"}, "B": {"A", "B"}, "C": {"C"}}
