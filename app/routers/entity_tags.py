"""Entity tags of cases (RFC 9110, 8.8.3), by which a front end asks only for what has changed.

Nothing else has one: what changes anything else declares `FOR_NO_VERSION`.

The tag is weak and names the case's version, how many lookups it has, whether it is overdue, and by a
checksum the name of its agency. A strong one would have to change with every minute of `hours_left`, and then
neither a 304 nor an `If-Match` would ever hold. The version stands first, because a change must be refused
for another version only: a lookup made meanwhile for the same case is no conflict.
"""

import re
from collections.abc import Sequence
from typing import Final
from zlib import crc32

from fastapi import Depends, Request

from app.domain.case import Case
from app.errors import PreconditionFailedError

_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
# The quoted part of a tag of ours; a version has never more digits.
_OWN: Final = re.compile(r'"([1-9][0-9]{0,9})-[0-9]+-[01]-[0-9a-f]{8}"')
_ANY: Final = "*"


def case_tag(case: Case) -> str:
    """Give a case's entity tag."""
    agency = crc32(case.agency.name.encode())
    return f'W/"{case.version}-{len(case.lookups)}-{case.clock.is_overdue:d}-{agency:08x}"'


def is_unchanged(tag: str, if_none_match: Sequence[str] | None) -> bool:
    """Tell whether the caller has this state already, by the weak comparison of RFC 9110, 13.1.2.

    `if_none_match` are the lines of the header; one that is no list of tags matches nothing.
    """
    if not if_none_match:
        return False
    sent = ",".join(if_none_match)
    return sent.strip() == _ANY or tag.removeprefix("W/") in _tags(sent)


def wanted_versions(if_match: Sequence[str] | None) -> frozenset[int] | None:
    """Give the versions of a case for which a change is meant; None where any will do.

    By RFC 9110, 13.1.1 a weak tag would never match. Ours is weak because of `hours_left` alone, and the
    version in it says exactly what a change must not overlook. A tag that is not ours matches nothing.
    """
    if if_match is None:
        return None
    sent = ",".join(if_match)
    if sent.strip() == _ANY:
        return None
    own = (_OWN.fullmatch(tag) for tag in _tags(sent))
    return frozenset(int(tag[1]) for tag in own if tag)


async def _match_no_version(request: Request) -> None:
    """Refuse a change that is meant for a version of what has none.

    With `*` too, by which a caller says that it must be there: a PUT makes what is not.

    Raises:
        PreconditionFailedError: there is an `If-Match`.
    """
    if "if-match" in request.headers:
        raise PreconditionFailedError


FOR_NO_VERSION: Final = (Depends(_match_no_version),)
"""`dependencies` of a route that changes what has no entity tag; its caller may believe that it has one."""


def _tags(sent: str) -> list[str]:
    """Read the quoted parts of a list of tags; what is no such list has none."""
    return [] if _TAG.sub("", sent).strip(" \t,") else _TAG.findall(sent)
