"""The household check (xác thực chủ hộ). No public source shows its form: this one is an assumption.

It follows its siblings of the register, and every name in it is a setting.
"""

from typing import Any

from app.adapters.population.port import HeadResult, HouseholdAnswer, LookupContext, MemberResult
from app.adapters.population.wire import json_wire, questions
from app.adapters.population.wire.answers import UNTOLD, boolean
from app.adapters.population.wire.elements import Element
from app.adapters.population.wire.node import Node
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.errors import PopulationDatabaseError
from app.settings.npd import NpdSettings


def elements(
    head: IdentityClaim, members: tuple[IdentityNumber, ...], context: LookupContext, settings: NpdSettings
) -> tuple[Element, ...]:
    """Write the question's elements: who asks, the head as claimed, the members by number."""
    member = settings.npd_household_member_element
    return (
        *questions.household_purpose(context, code=settings.npd_code_household),
        *questions.claimed(head, settings.npd_name_form),
        (
            settings.npd_household_members_element,
            tuple((member, (questions.number(number),)) for number in members),
        ),
    )


def json_members(
    head: IdentityClaim, members: tuple[IdentityNumber, ...], context: LookupContext, settings: NpdSettings
) -> dict[str, Any]:
    """Write the same question for an LGSP's JSON."""
    name = settings.npd_household_members_element
    return (
        questions.json_purpose(context)
        | questions.json_claimed(head, settings.npd_name_form)
        | {
            "userNameService": context.account,
            name[:1].lower() + name[1:]: [questions.json_number(number) for number in members],
        }
    )


def read(body: Node, members: tuple[IdentityNumber, ...], settings: NpdSettings) -> HouseholdAnswer:
    """Read the answer; a member that it leaves out, or says two things of, is unknown.

    Raises:
        PopulationDatabaseError: it does not tell whether the head exists or is one.
    """
    answer = body.find(settings.npd_household_response) or body.child("Data")
    if answer is None:
        raise PopulationDatabaseError
    unknown = (MemberResult.UNKNOWN,) * len(members)
    if not boolean(answer.value(settings.npd_household_exists_element)):
        return nobody(members)
    if not boolean(answer.value(settings.npd_household_head_element)):
        return HouseholdAnswer(HeadResult.NOT_HEAD, UNTOLD, unknown)
    told = _told(answer.child(settings.npd_household_members_element), settings)
    return HouseholdAnswer(
        HeadResult.CONFIRMED, UNTOLD, tuple(_result(told.get(member.value, set())) for member in members)
    )


def nobody(members: tuple[IdentityNumber, ...]) -> HouseholdAnswer:
    """Answer that the claim as a whole is no person, so that nothing is known of the members."""
    return HouseholdAnswer(HeadResult.NOT_FOUND, None, (MemberResult.UNKNOWN,) * len(members))


def _told(listed: Node | None, settings: NpdSettings) -> dict[str, set[str | None]]:
    """Collect what is said of each number."""
    told: dict[str, set[str | None]] = {}
    for entry in () if listed is None else listed.children:
        if entry.name not in {settings.npd_household_member_element, json_wire.ITEM}:
            continue
        said = entry.value(settings.npd_household_is_member_element)
        for name in ("SoDinhDanh", "SoCMND"):
            number = entry.value(name)
            if number is not None:
                told.setdefault(number, set()).add(said)
    return told


def _result(said: set[str | None]) -> MemberResult:
    if len(said) != 1:
        return MemberResult.UNKNOWN
    try:
        is_member = boolean(said.pop())
    except PopulationDatabaseError:
        return MemberResult.UNKNOWN
    return MemberResult.MEMBER if is_member else MemberResult.NOT_MEMBER
