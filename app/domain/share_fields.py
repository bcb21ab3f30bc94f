"""Which members of a citizen's record a procedure may receive, as dotted paths, and how they are chosen.

A group's name stands for all of its members but the sensitive ones, which must be named one by one.
"""

from collections.abc import Collection, Sequence
from typing import Final

_RELATIVE: Final = ("full_name", "nationality", "id_number", "old_id_number")

_MEMBERS: Final = {
    "citizen": (
        "full_name",
        "gender",
        "id_number",
        "old_id_number",
        "birth_date",
        "ethnicity",
        "religion",
        "blood_type",
        "marital_status",
        "nationality",
        "birth_registration_place",
        "native_place",
        "permanent_address",
        "current_address",
    ),
    "household_head": ("full_name", "id_number", "old_id_number", "relationship"),
    "father": _RELATIVE,
    "mother": _RELATIVE,
    "spouse": _RELATIVE,
}

GROUPS: Final = tuple(_MEMBERS)
LEAVES: Final = tuple(f"{group}.{member}" for group, members in _MEMBERS.items() for member in members)
VOCABULARY: Final = GROUPS + LEAVES

# Sensitive personal data by Decree 356/2025, Article 4.
SENSITIVE: Final = frozenset({"citizen.ethnicity", "citizen.religion", "citizen.blood_type"})

_EXPANDED: Final = {leaf: (leaf,) for leaf in LEAVES} | {
    group: tuple(leaf for leaf in LEAVES if leaf.startswith(f"{group}.") and leaf not in SENSITIVE)
    for group in GROUPS
}


class UnknownShareFieldError(ValueError):
    """A name that is not in the vocabulary."""


class FieldNotGranted(Exception):  # noqa: N818 - the outcome's own name; services turn it into an error
    """A field was asked for that stands for more than the procedure may receive."""

    def __init__(self, field: str) -> None:
        """Carry the name as it was asked for, always a word of the vocabulary."""
        super().__init__(field)
        self.field = field


def expand(field: str) -> tuple[str, ...]:
    """Give the leaves that a name stands for, in the vocabulary's order.

    Raises:
        UnknownShareFieldError: the name is not in the vocabulary.
    """
    try:
        return _EXPANDED[field]
    except KeyError:
        # Neither the message nor the chain may repeat what a client sent.
        raise UnknownShareFieldError("not a name of the vocabulary") from None


def granted(share_fields: Collection[str]) -> frozenset[str]:
    """Give all leaves that a procedure with these share fields may receive.

    Raises:
        UnknownShareFieldError: a name is not in the vocabulary.
    """
    return frozenset(leaf for field in share_fields for leaf in expand(field))


def select(asked: Sequence[str] | None, share_fields: Collection[str]) -> tuple[str, ...]:
    """Choose the leaves of an answer, in the vocabulary's order; None asks for all that is granted.

    Raises:
        FieldNotGranted: a leaf of an asked field is not granted.
        UnknownShareFieldError: a name is not in the vocabulary.
    """
    allowed = granted(share_fields)
    if asked is None:
        return tuple(leaf for leaf in LEAVES if leaf in allowed)
    chosen: set[str] = set()
    for field in asked:
        leaves = expand(field)
        if not allowed.issuperset(leaves):
            raise FieldNotGranted(field)
        chosen.update(leaves)
    return tuple(leaf for leaf in LEAVES if leaf in chosen)
