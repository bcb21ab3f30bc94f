"""Who calls: an officer at a desk or a system, what it may do and where it belongs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.lookup_kind import LookupKind


class Role(StrEnum):
    """Role of an officer (vai trò)."""

    RECEIVER = "receiver"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a token allows; a protected route declares which it asks for."""

    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    CASES_STATUS = "cases:status"
    VERIFY_ID_CARD = "verify:id-card"
    VERIFY_HOUSEHOLD_HEAD = "verify:household-head"
    CITIZENS_SHARE = "citizens:share"
    REPORTS_READ = "reports:read"
    AUDIT_READ = "audit:read"
    ADMIN = "admin"


SCOPE_OF_LOOKUP: Final[dict[LookupKind, Scope]] = {
    LookupKind.ID_CARD: Scope.VERIFY_ID_CARD,
    LookupKind.HOUSEHOLD_HEAD: Scope.VERIFY_HOUSEHOLD_HEAD,
    LookupKind.CITIZEN_SHARE: Scope.CITIZENS_SHARE,
}
LOOKUP_SCOPES: Final = frozenset(SCOPE_OF_LOOKUP.values())
CASE_SCOPES: Final = frozenset({Scope.CASES_READ, Scope.CASES_WRITE, Scope.CASES_STATUS})

SCOPES_OF_ROLE: Final[dict[Role, frozenset[Scope]]] = {
    Role.RECEIVER: CASE_SCOPES | LOOKUP_SCOPES,
    Role.MANAGER: frozenset({Scope.CASES_READ, Scope.CASES_STATUS, Scope.REPORTS_READ}),
    Role.AUDITOR: frozenset({Scope.AUDIT_READ, Scope.REPORTS_READ}),
    Role.ADMIN: frozenset({Scope.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated caller of one request.

    An officer has `username`, a system only `client_id`; an officer who came through a front end has both.
    `reach` are the agencies whose cases it may see; `source_address` is where the request came from.
    """

    username: str | None
    client_id: str | None
    agency_code: str
    roles: frozenset[Role]
    scopes: frozenset[Scope]
    reach: frozenset[str]
    source_address: str

    @property
    def is_system(self) -> bool:
        """Whether no officer stands behind the call."""
        return self.username is None
