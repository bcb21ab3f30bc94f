"""The three looks into the register. The values are the contract's and stand in the audit log."""

from enum import StrEnum


class LookupKind(StrEnum):
    """What a lookup asks of the population database."""

    ID_CARD = "id-card"
    HOUSEHOLD_HEAD = "household-head"
    CITIZEN_SHARE = "citizen-share"
