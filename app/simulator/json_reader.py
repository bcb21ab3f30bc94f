"""Reads a question off the JSON wire: no unknown member, none missing, each of one type."""

import json
from typing import Any, Final

from app.simulator import rules
from app.simulator.asked import Asked, Claim, Operation, Seen, WrongRequestError
from app.simulator.options import Behaviour, Options

PATHS: Final = {
    "/xac-thuc-cong-dan": Operation.VERIFY,
    "/tra-cuu-cong-dan": Operation.SHARE,
    "/xac-minh-chu-ho": Operation.HOUSEHOLD,
}

_MEMBERS_AT_MOST: Final = 100
_CODES: Final = {Operation.VERIFY: "code_verify", Operation.SHARE: "code_share"}


class _Members:
    """The members of an object, each taken once."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise WrongRequestError(f"{place} is no object")
        self._rest: dict[str, Any] = dict(value)
        self._place = place

    def take(self, name: str) -> str | None:
        """Take a member's text, or None if it is not there."""
        if name not in self._rest:
            return None
        value = self._rest.pop(name)
        if not isinstance(value, str):
            raise WrongRequestError(f"{name} is no text")
        return value

    def need(self, name: str) -> str:
        """Take a member's text, which must be there."""
        value = self.take(name)
        if value is None:
            raise WrongRequestError(f"{self._place}: {name} is missing")
        return value

    def take_list(self, name: str) -> list[Any]:
        """Take a list, which must be there."""
        value = self._rest.pop(name, None)
        if not isinstance(value, list):
            raise WrongRequestError(f"{self._place}: {name} is no list")
        return value

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self._rest:
            raise WrongRequestError(f"{self._place} holds something unknown")


def read_json(body: bytes, operation: Operation, options: Options, behaviour: Behaviour, seen: Seen) -> Asked:
    """Read a question; `seen` is filled on the way.

    Raises:
        WrongRequestError: it breaks a rule.
    """
    seen.operation = operation
    value = _document(body)
    members = _Members(value, "the question")
    seen.elements = tuple(value)
    seen.request_id = rules.code("maYeuCau", members.need("maYeuCau"))
    seen.service_code = rules.code("maDVC", members.need("maDVC"))
    rules.officer(members.need("maCanBo"))
    _read_optional(members, operation, options, seen)
    claim = _claim(members, operation, options, behaviour)
    people = _people(members) if operation is Operation.HOUSEHOLD else ()
    members.end()
    return Asked(operation=operation, request_id=seen.request_id, claim=claim, members=people)


def _document(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise WrongRequestError("the body is not JSON") from None
    if not isinstance(value, dict):
        raise WrongRequestError("the body is no object")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise WrongRequestError("a member stands there twice")
    return value


def _refused(constant: str) -> object:
    raise WrongRequestError(f"{constant} is not JSON")


def _read_optional(members: _Members, operation: Operation, options: Options, seen: Seen) -> None:
    seen.integration_code = members.take("maTichHop")
    expected = getattr(options, _CODES.get(operation, "code_household"))
    if seen.integration_code not in {None, expected}:
        raise WrongRequestError("maTichHop is not that of the operation")
    for name in ("maDonVi", "userNameService"):
        value = members.take(name)
        if value is not None:
            rules.code(name, value)


def _number(members: _Members) -> str:
    new, old = members.take("soDinhDanh"), members.take("soCMND")
    match new, old:
        case str(), None:
            return rules.identity_number("SoDinhDanh", new)
        case None, str():
            return rules.identity_number("SoCMND", old)
        case _:
            raise WrongRequestError("not exactly one of soDinhDanh and soCMND")


def _claim(members: _Members, operation: Operation, options: Options, behaviour: Behaviour) -> Claim:
    number = _number(members)
    name, birth = members.take("hoVaTen"), members.take("ngayThangNam")
    if name is None and birth is None and operation is Operation.SHARE and behaviour.number_alone:
        return Claim(number, None, None)
    if name is None or birth is None:
        raise WrongRequestError("hoVaTen or ngayThangNam is missing")
    return Claim(number, rules.full_name(name, options.name_form), rules.day_or_year(birth))


def _people(members: _Members) -> tuple[str, ...]:
    people = []
    for value in members.take_list("danhSachThanhVien"):
        person = _Members(value, "a member")
        people.append(_number(person))
        person.end()
    if len(people) > _MEMBERS_AT_MOST:
        raise WrongRequestError(f"more than {_MEMBERS_AT_MOST} members")
    return tuple(people)
