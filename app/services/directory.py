"""Answers who and what the service knows, from memory where every request asks. Changes nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from app.clock import Clock
from app.db import directory as rows
from app.db.engine import Database
from app.domain import policy
from app.domain.caller import Caller, Role
from app.domain.directory import Agency, AgencyTree, Client, Officer, Procedure
from app.errors import UnauthenticatedError
from app.keys.sealing import Sealer
from app.services.timed_cache import TimedCache
from app.services.tokens import AccessClaims

# A disabled account must be out within 60 s: half of that leaves room for a slow load.
_LIFETIME: Final = timedelta(seconds=30)
_MAX_ACCOUNTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Register:
    """What is small enough to be read whole."""

    tree: AgencyTree
    procedures: dict[str, Procedure]


class Directory:
    """Agencies, accounts and procedures, as they were at most 30 seconds ago."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._register = TimedCache(self._load_register, lifetime=_LIFETIME, limit=1, clock=clock)
        self._officers = TimedCache(self._load_officer, lifetime=_LIFETIME, limit=_MAX_ACCOUNTS, clock=clock)
        self._clients = TimedCache(self._load_client, lifetime=_LIFETIME, limit=_MAX_ACCOUNTS, clock=clock)

    async def caller_of(self, claims: AccessClaims, *, source_address: str) -> Caller:
        """Tell who calls with a valid token, by what its account may do now.

        Raises:
            UnauthenticatedError: the officer or the system is gone or disabled, or was since the token was
                given; the officer has another password since or is no longer of the system's agencies; the
                system has another secret since or lost a key; the call comes from outside its networks, or
                it may no longer get such tokens.
        """
        account: Officer | Client
        roles: frozenset[Role] | None
        client = None if claims.client_id is None else await self._active_client(claims.client_id)
        if client is not None and not (
            client.may_call_from(source_address)
            and client.may_bring(is_officer=claims.username is not None)
            and not client.has_ended(claims.issued)
        ):
            raise UnauthenticatedError
        if claims.username is not None:
            officer = await self.officer(claims.username)
            if officer is None or not officer.is_active or officer.has_ended(claims.issued):
                raise UnauthenticatedError
            if client is not None and officer.agency_code not in await self.agencies_below(
                client.agency_code
            ):
                raise UnauthenticatedError
            account, roles, scopes = officer, officer.roles, officer.scopes_through(client)
        elif client is not None:
            account, roles, scopes = client, None, client.scopes
        else:
            raise UnauthenticatedError
        return Caller(
            username=claims.username,
            client_id=claims.client_id,
            agency_code=account.agency_code,
            roles=roles or frozenset(),
            scopes=claims.scopes & scopes,
            reach=policy.reach(
                account.agency_code, await self.agencies_below(account.agency_code), roles=roles
            ),
            source_address=source_address,
        )

    async def agency(self, code: str) -> Agency | None:
        """Return an agency."""
        return (await self._register.get(None)).tree.agencies.get(code)

    async def root_code(self) -> str | None:
        """Return the code of the agency at the top of the tree; None if there is no agency yet."""
        return (await self._register.get(None)).tree.root_code

    async def agencies_below(self, code: str) -> frozenset[str]:
        """Return the codes of an agency and of all below it; empty if there is no such agency."""
        return (await self._register.get(None)).tree.reach.get(code, frozenset())

    async def procedure(self, code: str) -> Procedure | None:
        """Return a procedure, active or not; one that another process has just made is there at once."""
        known = (await self._register.get(None)).procedures.get(code)
        return await self._load_procedure(code) if known is None else known

    async def procedures(self) -> tuple[Procedure, ...]:
        """Return all procedures, active or not, in the order of their codes."""
        return tuple((await self._register.get(None)).procedures.values())

    def forget_procedures(self) -> None:
        """Read agencies and procedures anew: this process changed them. Others follow in their time."""
        self._register.forget()

    def forget_accounts(self) -> None:
        """Read accounts anew: this process changed one. Others follow in their time."""
        self._officers.forget()
        self._clients.forget()

    async def officer(self, username: str) -> Officer | None:
        """Return an officer's account, active or not."""
        return await self._officers.get(username)

    async def officer_id_number(self, username: str) -> str | None:
        """Return the officer's own 12-digit number; None if none is on file."""
        officer = await self.officer(username)
        if officer is None or officer.id_number_sealed is None:
            return None
        return self._sealer.unseal(officer.id_number_sealed, place=id_number_place(username)).decode()

    async def client(self, client_id: str) -> Client | None:
        """Return a connected system, active or not."""
        return await self._clients.get(client_id)

    async def present_client(self, client_id: str) -> Client | None:
        """Return a connected system, active or not, as it is now and not as it is remembered."""
        return await self._load_client(client_id)

    async def _active_client(self, client_id: str) -> Client:
        client = await self.client(client_id)
        if client is None or not client.is_active:
            raise UnauthenticatedError
        return client

    async def _load_register(self, _only: None) -> _Register:
        async with self._database.read() as session:
            return _Register(await rows.agency_tree(session), await rows.procedures(session))

    async def _load_procedure(self, code: str) -> Procedure | None:
        async with self._database.read() as session:
            return await rows.procedure(session, code)

    async def _load_officer(self, username: str) -> Officer | None:
        async with self._database.read() as session:
            return await rows.officer(session, username)

    async def _load_client(self, client_id: str) -> Client | None:
        async with self._database.read() as session:
            return await rows.client(session, client_id)


def id_number_place(username: str) -> str:
    """Name the place that an officer's number is sealed for."""
    return f"officer.id_number:{username}"
