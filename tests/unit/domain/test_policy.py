import pytest

from app.domain import policy
from app.domain.caller import CASE_SCOPES, LOOKUP_SCOPES, SCOPES_OF_ROLE, Caller, Role, Scope
from app.domain.case_status import CaseStatus
from app.domain.lookup_kind import LookupKind
from app.domain.share_fields import SENSITIVE, FieldNotGranted

BELOW = frozenset({"H24.15", "H24.15.01"})


def caller(*, username: str | None, reach: frozenset[str] = BELOW) -> Caller:
    return Caller(
        username=username,
        client_id=None if username else "portal",
        agency_code="H24.15",
        roles=frozenset(),
        scopes=frozenset(),
        reach=reach,
        source_address="10.0.0.7",
    )


def test_every_role_has_its_row_in_the_policy() -> None:
    assert set(SCOPES_OF_ROLE) == set(Role)


@pytest.mark.parametrize(
    ("first", "second"),
    [(Role.AUDITOR, Role.RECEIVER), (Role.ADMIN, Role.RECEIVER), (Role.ADMIN, Role.AUDITOR)],
)
def test_those_who_look_those_who_watch_and_those_who_appoint_share_no_scope(
    first: Role, second: Role
) -> None:
    assert SCOPES_OF_ROLE[first].isdisjoint(SCOPES_OF_ROLE[second])


def test_only_receivers_may_look_into_the_register() -> None:
    assert [role for role in Role if SCOPES_OF_ROLE[role] & LOOKUP_SCOPES] == [Role.RECEIVER]
    assert policy.scopes_of_system(set(Scope)).isdisjoint(LOOKUP_SCOPES)


def test_roles_add_up() -> None:
    both = policy.scopes_of_officer([Role.MANAGER, Role.AUDITOR])
    assert both == SCOPES_OF_ROLE[Role.MANAGER] | SCOPES_OF_ROLE[Role.AUDITOR]
    assert policy.scopes_of_officer([]) == frozenset()


@pytest.mark.parametrize("roles", [[role] for role in Role] + [[Role.RECEIVER, Role.MANAGER]])
def test_roles_that_one_officer_may_have(roles: list[Role]) -> None:
    assert policy.may_go_together(roles)


@pytest.mark.parametrize("alone", [Role.AUDITOR, Role.ADMIN])
def test_who_watches_and_who_appoints_does_nothing_else(alone: Role) -> None:
    for other in set(Role) - {alone}:
        assert not policy.may_go_together([alone, other])
    assert not policy.may_go_together(list(Role))


def test_scopes_that_no_officer_may_have_together_are_no_system_s() -> None:
    assert policy.may_be_held_together([])
    for role in Role:
        assert policy.may_be_held_together(SCOPES_OF_ROLE[role])
    for alone, others in ((Scope.ADMIN, CASE_SCOPES | {Scope.AUDIT_READ}), (Scope.AUDIT_READ, CASE_SCOPES)):
        for other in others:
            assert not policy.may_be_held_together([alone, other])
    assert policy.may_be_held_together(CASE_SCOPES | {Scope.REPORTS_READ})


def test_an_officer_does_through_a_system_what_both_may() -> None:
    through = policy.scopes_of_officer([Role.RECEIVER], registered={Scope.VERIFY_ID_CARD, Scope.ADMIN})
    assert through == {Scope.VERIFY_ID_CARD}


def test_the_missing_scope_is_named() -> None:
    held = {Scope.CASES_READ}
    assert policy.missing_scope(held, [Scope.CASES_READ]) is None
    assert policy.missing_scope(held, []) is None
    assert policy.missing_scope(held, [Scope.CASES_READ, Scope.ADMIN]) is Scope.ADMIN


@pytest.mark.parametrize(
    ("roles", "sees_below"),
    [
        ({Role.RECEIVER}, False),
        ({Role.RECEIVER, Role.AUDITOR}, False),
        ({Role.RECEIVER, Role.ADMIN}, False),
        ({Role.RECEIVER, Role.MANAGER}, True),
        ({Role.MANAGER}, True),
        ({Role.AUDITOR}, True),
        (None, True),
    ],
)
def test_a_receiver_sees_his_own_agency_only(roles: set[Role] | None, *, sees_below: bool) -> None:
    assert policy.reach("H24.15", BELOW, roles=roles) == (BELOW if sees_below else {"H24.15"})


def test_an_agency_that_is_gone_leaves_nothing_to_see_below_it() -> None:
    assert policy.reach("H24.15", frozenset(), roles={Role.MANAGER}) == frozenset()


def test_whoever_sees_more_still_edits_the_own_agencys_cases_only() -> None:
    assert policy.editable_agencies(caller(username="both")) == {"H24.15"}
    assert policy.editable_agencies(caller(username=None)) == BELOW


@pytest.mark.parametrize(("root_code", "may"), [("H24.15", True), ("H24", False), (None, False)])
def test_who_is_of_the_root_agency_changes_what_holds_for_all(root_code: str | None, *, may: bool) -> None:
    for username in ("chief", None):
        assert policy.may_change_procedures(caller(username=username), root_code=root_code) is may


def test_only_a_case_at_work_is_the_reason_of_a_lookup() -> None:
    taking = {status for status in CaseStatus if policy.takes_lookups(status)}
    assert taking == {
        CaseStatus.SUBMITTED,
        CaseStatus.RECEIVED,
        CaseStatus.IN_PROGRESS,
        CaseStatus.SUPPLEMENT_REQUESTED,
        CaseStatus.PAYMENT_REQUESTED,
    }


@pytest.mark.parametrize("kind", LookupKind)
def test_a_lookup_that_the_procedure_does_not_list_is_not_allowed(kind: LookupKind) -> None:
    others = set(LookupKind) - {kind}
    with pytest.raises(policy.LookupNotAllowed):
        policy.fields_of_lookup(kind, lookups=others, share_fields=["citizen"], asked=None)


def test_only_a_shared_record_has_fields() -> None:
    for kind in (LookupKind.ID_CARD, LookupKind.HOUSEHOLD_HEAD):
        assert policy.fields_of_lookup(kind, lookups={kind}, share_fields=["citizen"], asked=None) == ()
    kind = LookupKind.CITIZEN_SHARE
    given = policy.fields_of_lookup(kind, lookups={kind}, share_fields=["citizen"], asked=None)
    assert "citizen.full_name" in given
    assert SENSITIVE.isdisjoint(given)
    with pytest.raises(FieldNotGranted):
        policy.fields_of_lookup(kind, lookups={kind}, share_fields=["father"], asked=["citizen.gender"])
