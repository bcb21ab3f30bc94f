"""Who and what the service knows: agencies, officers' accounts, connected systems and procedures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from app.domain import policy
from app.domain.accounts import is_within
from app.domain.caller import Role, Scope
from app.domain.lookup_kind import LookupKind
from app.domain.oauth import GrantType

_OFFICERS_GRANTS: Final = frozenset({GrantType.PASSWORD, GrantType.JWT_BEARER})
_OWN_GRANTS: Final = frozenset({GrantType.CLIENT_CREDENTIALS})


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency (cơ quan); the root has no parent."""

    code: str
    name: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class AgencyTree:
    """All agencies, and for each its own code with those of all below it."""

    agencies: Mapping[str, Agency]
    reach: Mapping[str, frozenset[str]]

    @property
    def root_code(self) -> str | None:
        """Code of the root; what concerns everybody is on record as its own."""
        return next((agency.code for agency in self.agencies.values() if agency.parent_code is None), None)

    @classmethod
    def of(cls, agencies: Iterable[Agency]) -> Self:
        """Build the tree; a ring of parents, which no change may make, still ends."""
        by_code = {agency.code: agency for agency in agencies}
        reach: dict[str, set[str]] = {code: set() for code in by_code}
        for code in by_code:
            above: str | None = code
            while above is not None and code not in reach[above]:
                reach[above].add(code)
                above = by_code[above].parent_code
        return cls(by_code, {code: frozenset(below) for code, below in reach.items()})


def first_second_after(moment: datetime) -> int:
    """Return the earliest `iat` of tokens from after a moment; those that it did not end say no less.

    Tokens tell whole seconds: one from after the moment and of its second says the next.
    """
    return int(moment.timestamp()) + 1


def _is_before(issued: int | None, moment: datetime | None) -> bool:
    """Tell whether a token that was given in this second is older than the moment.

    One of the same second is taken for older. Another issuer's tells no second: it is that one's to end.
    """
    return issued is not None and moment is not None and issued < first_second_after(moment)


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer's account (cán bộ) without its password; the 12-digit number is still sealed.

    `password_set_at` is None for an account whose password is from before that was noted; `reopened_at` is
    when it was last made active again after it had been disabled, None if it never was.
    """

    username: str
    full_name: str
    agency_code: str
    roles: frozenset[Role]
    id_number_sealed: bytes | None = field(repr=False)
    is_active: bool
    password_set_at: datetime | None
    reopened_at: datetime | None

    def has_ended(self, issued: int | None) -> bool:
        """Tell whether a token of that second has ended: by a new password, or as the account was disabled.

        A new password is how somebody who got in is put out.
        """
        return _is_before(issued, self.password_set_at) or _is_before(issued, self.reopened_at)

    def scopes_through(self, client: "Client | None") -> frozenset[Scope]:
        """All that the roles allow, of that what a system is registered for if the officer comes by one."""
        return policy.scopes_of_officer(
            self.roles, registered=None if client is None else client.registered_scopes
        )


@dataclass(frozen=True, slots=True)
class Client:
    """A system that calls us (hệ thống kết nối), without its secret; `jwks` are its public keys.

    `networks` are those it may call from, everywhere where none are named; `reopened_at` is when its tokens
    from before were ended: it was made active again after it had been disabled, got a new secret or lost a
    public key. None if none of that ever happened.
    """

    client_id: str
    name: str
    agency_code: str
    grants: frozenset[str]
    registered_scopes: frozenset[Scope]
    is_active: bool
    reopened_at: datetime | None
    jwks: tuple[Mapping[str, Any], ...] = ()
    networks: tuple[str, ...] = ()

    def has_ended(self, issued: int | None) -> bool:
        """Tell whether a token of that second is from before what ended the system's, as a new secret."""
        return _is_before(issued, self.reopened_at)

    def may_call_from(self, source_address: str) -> bool:
        """Tell whether the system is active and the address one of its networks."""
        return self.is_active and is_within(source_address, self.networks)

    def may_bring(self, *, is_officer: bool) -> bool:
        """Tell whether the system may still get tokens of this kind: an officer's, or its own.

        It loses those that it has, too, when a grant is taken from it.
        """
        return not (_OFFICERS_GRANTS if is_officer else _OWN_GRANTS).isdisjoint(self.grants)

    @property
    def scopes(self) -> frozenset[Scope]:
        """What it may do without an officer: never a look into the register, whatever is registered."""
        return policy.scopes_of_system(self.registered_scopes)


@dataclass(frozen=True, slots=True)
class Procedure:
    """An administrative procedure (thủ tục hành chính) and what it may ask the register.

    `national_code` is sent upstream as MaDVC; `share_fields` are names of `share_fields.VOCABULARY`.
    """

    code: str
    name: str
    level: str
    processing_days: int
    national_code: str
    is_active: bool
    lookups: frozenset[LookupKind]
    share_fields: tuple[str, ...]
