"""A question as the register reads it, whatever the wire it came over, and why questions are refused."""

from dataclasses import dataclass, field
from enum import StrEnum


class Operation(StrEnum):
    """What can be asked, and in the list of what was received, the token too."""

    VERIFY = "verify"
    SHARE = "share"
    HOUSEHOLD = "household"
    TOKEN = "token"  # noqa: S105 - the name of an operation


@dataclass(frozen=True, slots=True)
class Claim:
    """The person asked for. Name and date are both None in a question by number alone.

    `birth` is `yyyyMMdd` or `yyyy`, as it was sent.
    """

    number: str = field(repr=False)
    full_name: str | None = field(repr=False)
    birth: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question that kept every rule of the wire."""

    operation: Operation
    request_id: str
    claim: Claim
    members: tuple[str, ...] = field(default=(), repr=False)


@dataclass(slots=True)
class Seen:
    """What may be told of a request: filled while it is read, so a refused one tells how far it got.

    Holds no name and no number of a person.
    """

    operation: Operation | None = None
    request_id: str | None = None
    service_code: str | None = None
    integration_code: str | None = None
    elements: tuple[str, ...] = ()


class WrongRequestError(Exception):
    """The request breaks a rule of the wire; the text says which, and repeats nothing of it."""


class WrongCredentialsError(Exception):
    """The client did not show who it is; the text says what was wrong, and repeats nothing."""


class WrongMethodError(Exception):
    """Only POST is answered."""


class WrongPathError(Exception):
    """There is nothing under this path."""
