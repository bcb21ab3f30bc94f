"""What a request carries for its answer and its log line: its id, and the code of the problem it came to."""

import re
from typing import Final

from starlette.types import Scope

from app.domain.random_pieces import random_piece

_ACCEPTED: Final = re.compile(r"[ -~]{1,128}")
_KEY: Final = "request_id"
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")
_PROBLEM_KEY: Final = "problem_code"


def fresh_request_id() -> str:
    """Make a random id of 32 letters; the log masks long runs of digits, so it has none."""
    return random_piece().hex().translate(_LETTERS)


def accept_request_id(sent: str | None) -> str:
    """Take the caller's id if it is printable ASCII of a sensible length."""
    if sent is not None and _ACCEPTED.fullmatch(sent):
        return sent
    return fresh_request_id()


def bind_request_id(scope: Scope, request_id: str) -> None:
    """Give a request its id, for good."""
    scope.setdefault("state", {})[_KEY] = request_id


def request_id_of(scope: Scope) -> str:
    """Tell a request's id; one that came around the request context gets its own now."""
    state = scope.setdefault("state", {})
    if _KEY not in state:
        state[_KEY] = fresh_request_id()
    return str(state[_KEY])


def bind_problem_code(scope: Scope, code: str) -> None:
    """Remember which problem a request came to."""
    scope.setdefault("state", {})[_PROBLEM_KEY] = code


def problem_code_of(scope: Scope) -> str | None:
    """Tell which problem a request came to, if any."""
    code = scope.get("state", {}).get(_PROBLEM_KEY)
    return None if code is None else str(code)
