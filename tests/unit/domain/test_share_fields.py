from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.citizen import Citizen, HouseholdHead, Relative
from app.domain.share_fields import (
    GROUPS,
    LEAVES,
    SENSITIVE,
    VOCABULARY,
    FieldNotGranted,
    UnknownShareFieldError,
    expand,
    granted,
    select,
)

some_fields = st.lists(st.sampled_from(VOCABULARY), unique=True)


def test_the_vocabulary_is_the_record_without_what_only_warns() -> None:
    apart = {"household_head", "father", "mother", "spouse", "life_status", "tells_household_head"}
    assert [leaf for leaf in LEAVES if leaf.startswith("citizen.")] == [
        f"citizen.{member.name}" for member in fields(Citizen) if member.name not in apart
    ]
    assert [leaf for leaf in LEAVES if leaf.startswith("household_head.")] == [
        f"household_head.{member.name}" for member in fields(HouseholdHead)
    ]
    for group in ("father", "mother", "spouse"):
        assert [leaf for leaf in LEAVES if leaf.startswith(f"{group}.")] == [
            f"{group}.{member.name}" for member in fields(Relative)
        ]


def test_the_vocabulary_has_five_groups_and_thirty_leaves() -> None:
    assert GROUPS == ("citizen", "household_head", "father", "mother", "spouse")
    assert len(LEAVES) == len(set(LEAVES)) == 30


def test_a_leaf_stands_for_itself() -> None:
    assert expand("citizen.religion") == ("citizen.religion",)


def test_a_group_stands_for_all_but_the_sensitive() -> None:
    assert expand("citizen") == tuple(
        leaf for leaf in LEAVES if leaf.startswith("citizen.") and leaf not in SENSITIVE
    )
    assert expand("father") == (
        "father.full_name",
        "father.nationality",
        "father.id_number",
        "father.old_id_number",
    )


@pytest.mark.parametrize("name", ["", "citizens", "citizen.", "citizen.life_status", "Father"])
def test_a_name_outside_the_vocabulary_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(UnknownShareFieldError, match=r"^not a name of the vocabulary$") as caught:
        expand(name)
    assert caught.value.__suppress_context__


def test_all_that_is_granted_is_given_when_nothing_is_asked() -> None:
    assert select(None, ["father.full_name", "citizen.ethnicity", "citizen.gender"]) == (
        "citizen.gender",
        "citizen.ethnicity",
        "father.full_name",
    )


def test_asking_for_the_citizen_group_leaves_out_even_granted_sensitive_fields() -> None:
    assert select(["citizen"], ["citizen", *SENSITIVE]) == expand("citizen")


@pytest.mark.parametrize(
    ("asked", "share_fields", "refused"),
    [
        (["citizen.gender"], [], "citizen.gender"),
        (["citizen.religion"], ["citizen"], "citizen.religion"),
        (["citizen"], ["citizen.gender"], "citizen"),
        (["citizen.gender", "mother", "spouse"], ["citizen", "father"], "mother"),
    ],
)
def test_a_field_that_is_not_granted_in_full_is_refused_by_the_name_it_was_asked_by(
    asked: list[str], share_fields: list[str], refused: str
) -> None:
    with pytest.raises(FieldNotGranted) as caught:
        select(asked, share_fields)
    assert caught.value.field == refused


def test_a_leaf_asked_twice_is_given_once_and_in_order() -> None:
    assert select(["father", "citizen.gender", "father.full_name"], ["citizen", "father"]) == (
        "citizen.gender",
        *expand("father"),
    )


@given(some_fields)
def test_asking_for_what_is_granted_by_its_own_names_gives_all_of_it(share_fields: list[str]) -> None:
    assert select(share_fields, share_fields) == select(None, share_fields)


@given(st.one_of(st.none(), some_fields), some_fields)
def test_no_answer_goes_beyond_the_grant_and_none_is_out_of_order(
    asked: list[str] | None, share_fields: list[str]
) -> None:
    allowed = granted(share_fields)
    refused = [field for field in asked or () if not allowed.issuperset(expand(field))]
    if refused:
        with pytest.raises(FieldNotGranted) as caught:
            select(asked, share_fields)
        assert caught.value.field == refused[0]
    else:
        leaves = select(asked, share_fields)
        assert allowed.issuperset(leaves)
        assert list(leaves) == sorted(leaves, key=LEAVES.index)


@given(some_fields)
def test_sensitive_fields_are_granted_by_their_own_names_only(share_fields: list[str]) -> None:
    assert granted(share_fields) & SENSITIVE == SENSITIVE.intersection(share_fields)
