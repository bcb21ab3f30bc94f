"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a thing stands; only `FAIL` keeps a service from going live."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do. Holds no secret and no personal data."""

    check: str
    state: State
    message: str


def ok(check: str, message: str) -> Finding:
    """Say that a thing is as it should be."""
    return Finding(check, State.OK, message)


def warn(check: str, message: str) -> Finding:
    """Say that a thing should be otherwise."""
    return Finding(check, State.WARN, message)


def fail(check: str, message: str) -> Finding:
    """Say that a thing is unsafe or missing."""
    return Finding(check, State.FAIL, message)
