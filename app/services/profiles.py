"""Tells callers who they are and what they may ask of the register."""

from dataclasses import dataclass
from typing import Literal

from app.domain.caller import SCOPE_OF_LOOKUP, Caller, Role, Scope
from app.domain.directory import Agency, Procedure
from app.domain.lookup_budget import Standing
from app.domain.lookup_kind import LookupKind
from app.domain.share_fields import select
from app.errors import UnauthenticatedError
from app.services.directory import Directory
from app.services.lookup_budgets import LookupBudgets


@dataclass(frozen=True, slots=True)
class ProcedureRights:
    """What a caller may ask of the register for one procedure; `share_fields` are single members."""

    code: str
    name: str
    lookups: tuple[LookupKind, ...]
    share_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A caller as it may see itself."""

    kind: Literal["officer", "system"]
    username: str | None
    full_name: str | None
    has_id_number: bool | None
    client_id: str | None
    agency: Agency
    roles: tuple[Role, ...]
    scopes: tuple[Scope, ...]
    procedures: tuple[ProcedureRights, ...]
    budgets: tuple[Standing, ...]


class Profiles:
    """Answers `GET /me`."""

    def __init__(self, *, directory: Directory, budgets: LookupBudgets) -> None:
        self._directory = directory
        self._budgets = budgets

    async def of(self, caller: Caller) -> Profile:
        """Return the caller's own profile.

        Raises:
            UnauthenticatedError: the account disappeared since the request was let in.
            ServiceUnavailableError: the database cannot be read.
        """
        officer = None if caller.username is None else await self._directory.officer(caller.username)
        agency = await self._directory.agency(caller.agency_code)
        if agency is None or (officer is None) != caller.is_system:
            raise UnauthenticatedError
        return Profile(
            kind="system" if caller.is_system else "officer",
            username=caller.username,
            full_name=officer.full_name if officer else None,
            has_id_number=officer.id_number_sealed is not None if officer else None,
            client_id=caller.client_id,
            agency=agency,
            roles=tuple(role for role in Role if role in caller.roles),
            scopes=tuple(scope for scope in Scope if scope in caller.scopes),
            procedures=tuple(
                _rights(procedure, caller.scopes)
                for procedure in await self._directory.procedures()
                if procedure.is_active
            ),
            budgets=await self._budgets.of(caller),
        )


def _rights(procedure: Procedure, scopes: frozenset[Scope]) -> ProcedureRights:
    lookups = tuple(
        kind for kind in LookupKind if kind in procedure.lookups and SCOPE_OF_LOOKUP[kind] in scopes
    )
    may_share = LookupKind.CITIZEN_SHARE in lookups
    return ProcedureRights(
        code=procedure.code,
        name=procedure.name,
        lookups=lookups,
        share_fields=select(None, procedure.share_fields) if may_share else (),
    )
