"""Every operation of the OpenAPI document with a valid request, so that a new route is attacked by itself."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote, urlencode

from app.domain.caller import SCOPES_OF_ROLE, Role, Scope
from tests.api.hostile.raw_asgi import RawRequest
from tests.unit.house.access_document import declared_scopes
from tests.unit.house.openapi_document import described

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

Steps = tuple[str | int, ...]
"""Where a member stands in a body."""


@dataclass(frozen=True)
class Operation:
    """One operation; `account` and `scopes` are None for a public one, `media_type` without a body."""

    method: str
    path: str
    account: str | None
    parameters: tuple[dict[str, Any], ...] = field(repr=False)
    scopes: frozenset[Scope] | None = None
    statuses: frozenset[int] = frozenset()
    media_type: str | None = None
    body: Any = field(default=None, repr=False)
    schema: dict[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def query_names(self) -> list[str]:
        return [item["name"] for item in self.parameters if item["in"] == "query"]

    def target(self, **replaced: str) -> str:
        """Write the path with its parameters' examples, or with others that are encoded already.

        A PUT names something new: one that replaced what the other operations need would spoil them.
        """
        new = ".9" if self.method == "PUT" else ""
        values = {
            item["name"]: quote(item["schema"]["examples"][0] + new, safe="")
            for item in self.parameters
            if item["in"] == "path"
        }
        return self.path.format(**values | replaced)

    def required_query(self, *without: str) -> str:
        """Write the query parameters that must be there, but for some, as examples."""
        required = [item for item in self.parameters if item["in"] == "query" and item.get("required", False)]
        return urlencode(
            {item["name"]: item["schema"]["examples"][0] for item in required if item["name"] not in without}
        )

    def request(self, token: str | None) -> RawRequest:
        """Write the valid request."""
        headers: list[tuple[bytes, bytes]] = []
        if self.account is not None and token is not None:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        body = b""
        if self.media_type is not None:
            headers.append((b"content-type", self.media_type.encode()))
            body = self.encoded(self.body)
        return RawRequest(self.method, self.target(), tuple(headers), body).with_query(self.required_query())

    def encoded(self, body: Any) -> bytes:
        if self.media_type == FORM:
            return urlencode(body).encode()
        return json.dumps(body).encode()


def _operations() -> Iterator[Operation]:
    document = described()
    for path, by_method in document["paths"].items():
        for method, described_operation in by_method.items():
            content: dict[str, Any] = described_operation.get("requestBody", {}).get("content", {})
            media_type = next(iter(content), None)
            media = content[media_type] if media_type else {}
            schema: dict[str, Any] = media.get("schema", {})
            scopes = declared_scopes(described_operation)
            yield Operation(
                method=method.upper(),
                path=path,
                account=_account(scopes),
                scopes=scopes,
                parameters=tuple(described_operation.get("parameters", ())),
                statuses=frozenset(map(int, described_operation["responses"])),
                media_type=media_type,
                body=media.get("example", next(iter(schema.get("examples", ())), None)),
                schema=_whole(schema, document["components"]["schemas"] | schema.get("$defs", {})),
            )


def _account(scopes: frozenset[Scope] | None) -> str | None:
    if scopes is None:
        return None
    # The sandbox has an account of each role, under the role's name.
    return next(role for role in Role if scopes <= SCOPES_OF_ROLE[role])


def _whole(schema: Any, shapes: dict[str, Any]) -> Any:
    """Put the named shapes where they are referred to."""
    if isinstance(schema, list):
        return [_whole(item, shapes) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        rest = {name: member for name, member in schema.items() if name != "$ref"}
        return _whole(shapes[schema["$ref"].rpartition("/")[2]], shapes) | rest
    return {name: _whole(member, shapes) for name, member in schema.items()}


OPERATIONS: Final = list(_operations())
LOG_IN: Final = next(item for item in OPERATIONS if str(item) == "POST /auth/token")
REGISTER: Final = next(item for item in OPERATIONS if str(item) == "POST /cases")
WITH_JSON: Final = [item for item in OPERATIONS if item.media_type not in {None, FORM}]
WITH_PATH_PARAMETERS: Final = [item for item in OPERATIONS if "{" in item.path]


def members(schema: dict[str, Any], steps: Steps = ()) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """Give every member of a body's schema with its place, the body itself left out."""
    for choice in schema.get("anyOf", [schema]):
        for name, member in choice.get("properties", {}).items():
            yield (*steps, name), member
            yield from members(member, (*steps, name))
        if "items" in choice:
            yield (*steps, 0), choice["items"]
            yield from members(choice["items"], (*steps, 0))


def objects(schema: dict[str, Any]) -> Iterator[Steps]:
    """Give the place of every object of a body's schema, the body itself first."""
    yield ()
    for steps, member in members(schema):
        if any("properties" in choice for choice in member.get("anyOf", [member])):
            yield steps


def types_of(schema: dict[str, Any]) -> set[str]:
    """Give the JSON types that a member may have."""
    return {choice["type"] for choice in schema.get("anyOf", [schema]) if "type" in choice}


def is_free_text(schema: dict[str, Any]) -> bool:
    """Tell whether a member takes text of no fixed form."""
    fixed = ("pattern", "enum", "const", "anyOf")
    return any(
        choice.get("type") == "string"
        and choice.get("format", "password") == "password"
        and not any(name in choice for name in fixed)
        for choice in schema.get("anyOf", [schema])
    )


def fits_pattern(schema: dict[str, Any], text: str) -> bool:
    """Tell whether a member's or parameter's form is a pattern that the text has: no harm in it then."""
    choices = [choice for choice in schema.get("anyOf", [schema]) if "pattern" in choice]
    return any(re.search(choice["pattern"], text) is not None for choice in choices)


def changed(body: Any, steps: Steps, value: Any) -> Any:
    """Copy a body with one member changed; what should hold the member is made where it is missing."""
    copy = deepcopy(body)
    if not steps:
        return value
    place = copy
    for step, following in pairwise(steps):
        place = _inside(place, step, [] if isinstance(following, int) else {})
    if isinstance(place, list):
        place[:1] = [value]
    else:
        place[steps[-1]] = value
    return copy


def _inside(place: Any, step: str | int, empty: Any) -> Any:
    if isinstance(place, list):
        if not place:
            place.append(empty)
        return place[0]
    if not isinstance(place.get(step), list | dict):
        place[step] = empty
    return place[step]
