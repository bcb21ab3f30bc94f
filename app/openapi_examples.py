"""Builds an example of a JSON schema from the examples of its parts, so that each operation has one. Pure."""

from collections.abc import Mapping
from typing import Any, Final

_BY_FORMAT: Final = {
    "date-time": "2026-11-23T08:00:00+07:00",
    "date": "2026-11-23",
    "uuid": "5c1e2f0a-8b7d-4c3e-9a6f-1d2b3c4e5f60",
    "uri": "https://example.vn/",
}
_BY_TYPE: Final[Mapping[str, Any]] = {"string": "...", "number": 1.0, "boolean": False, "null": None}


def example_of(
    schema: Mapping[str, Any], shapes: Mapping[str, Any], within: frozenset[str] = frozenset()
) -> Any:  # noqa: ANN401 - JSON
    """Give a value of the schema; `shapes` are the named ones that it may refer to.

    A shape that holds itself, as those that it is `within` do, ends with null.
    """
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    for name in ("example", "const"):
        if name in schema:
            return schema[name]
    if "$ref" in schema:
        shape = schema["$ref"].rpartition("/")[2]
        return None if shape in within else example_of(shapes[shape], shapes, within | {shape})
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema and schema.get("type") != "string":
            choices = [choice for choice in schema[name] if choice.get("type") != "null"]
            return example_of(choices[0], shapes, within) if choices else None
    return _of_type(schema, shapes, within)


def _of_type(schema: Mapping[str, Any], shapes: Mapping[str, Any], within: frozenset[str]) -> Any:  # noqa: ANN401 - JSON
    kind = schema.get("type")
    if kind == "object":
        members = schema.get("properties", {})
        return {name: example_of(member, shapes, within) for name, member in members.items()}
    if kind == "array":
        return [example_of(schema.get("items", {}), shapes, within)]
    if kind == "integer":
        return schema.get("minimum", 1)
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    return _BY_TYPE.get(str(kind))
