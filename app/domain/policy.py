"""The one policy: who may do what. These rules decide every request; they ask nobody and change nothing.

A request is let in by the scope that its route declares (`missing_scope`) and sees the agencies within
`reach`. A case is edited within `editable_agencies`, steps as `app/domain/case_status.py` says, and takes
lookups while `takes_lookups`. What a lookup may ask, `fields_of_lookup` decides by the procedure.
`docs/access.md` has the table that follows from it.
"""

from collections.abc import Collection, Iterable, Sequence

from app.domain.account_state import PRIVILEGED
from app.domain.caller import CASE_SCOPES, LOOKUP_SCOPES, SCOPES_OF_ROLE, Caller, Role, Scope
from app.domain.case_status import CaseStatus, is_ended
from app.domain.lookup_kind import LookupKind
from app.domain.share_fields import select


class LookupNotAllowed(Exception):  # noqa: N818 - the outcome's own name; services turn it into an error
    """The procedure does not allow a lookup of this kind."""


def may_go_together(roles: Collection[Role]) -> bool:
    """Tell whether one officer may have these roles.

    An auditor and an administrator have no other: who sees who looked must not look, and who makes accounts
    must do neither.
    """
    return len(set(roles)) == 1 or PRIVILEGED.isdisjoint(roles)


def scopes_of_officer(
    roles: Iterable[Role], *, registered: Collection[Scope] | None = None
) -> frozenset[Scope]:
    """Give all that roles allow together; through a system only what it is `registered` for."""
    allowed = frozenset[Scope]().union(*(SCOPES_OF_ROLE[role] for role in roles))
    return allowed if registered is None else allowed.intersection(registered)


def scopes_of_system(registered: Collection[Scope]) -> frozenset[Scope]:
    """Give what a system may do without an officer: never look into the register, whatever is registered."""
    return frozenset(registered) - LOOKUP_SCOPES


def may_be_held_together(scopes: Collection[Scope]) -> bool:
    """Tell whether one system may have these scopes for itself, which no officer's roles narrow.

    They are apart as the roles are: one for administration touches no cases or audit log, and one that reads
    the audit log no cases. Lookups it makes none.
    """
    held = frozenset(scopes)
    if Scope.ADMIN in held:
        return held.isdisjoint(CASE_SCOPES | {Scope.AUDIT_READ})
    return Scope.AUDIT_READ not in held or held.isdisjoint(CASE_SCOPES)


def missing_scope(held: Collection[Scope], declared: Iterable[Scope]) -> Scope | None:
    """Tell the first scope that a route declares and a caller does not hold."""
    return next((scope for scope in declared if scope not in held), None)


def sees_agencies_below(roles: Collection[Role]) -> bool:
    """Tell whether an officer's reach goes beyond the own agency.

    A receiver's does not, whatever the other roles, unless manager is among them: another role must not open
    the cases of other desks.
    """
    return Role.MANAGER in roles or Role.RECEIVER not in roles


def reach(
    agency_code: str, agencies_below: frozenset[str], *, roles: Collection[Role] | None
) -> frozenset[str]:
    """Tell whose cases and records a caller sees; `roles` is None for a system, which sees all below it.

    `agencies_below` holds the own agency too, as long as there is such an agency.
    """
    return agencies_below if roles is None or sees_agencies_below(roles) else frozenset({agency_code})


def editable_agencies(caller: Caller) -> frozenset[str]:
    """Tell whose cases a caller may edit.

    An officer's own agency's only: a manager who receives cases too sees those below, and may not edit them.
    """
    return caller.reach if caller.is_system else frozenset({caller.agency_code})


def may_change_procedures(caller: Caller, *, root_code: str | None) -> bool:
    """Tell whether an administrator may change procedures; what they allow holds for all agencies' desks."""
    return caller.agency_code == root_code


def takes_lookups(status: CaseStatus) -> bool:
    """Tell whether a case may still be the reason of a lookup."""
    return not is_ended(status)


def fields_of_lookup(
    kind: LookupKind,
    *,
    lookups: Collection[LookupKind],
    share_fields: Collection[str],
    asked: Sequence[str] | None,
) -> tuple[str, ...]:
    """Give the fields that a lookup's answer may have, for a procedure with these lookups and share fields.

    Raises:
        LookupNotAllowed: the procedure does not allow this kind.
        FieldNotGranted: it may not receive a field that was asked for.
    """
    if kind not in lookups:
        raise LookupNotAllowed
    return select(asked, share_fields) if kind is LookupKind.CITIZEN_SHARE else ()
