"""Builds an example of a JSON schema from the examples of its parts, so that each operation has one. Pure."""

from collections.abc import Mapping
from typing import Any, Final

_MAX_DEPTH: Final = 8
_BY_FORMAT: Final = {
    "date-time": "2026-11-23T08:00:00+07:00",
    "date": "2026-11-23",
    "uuid": "5c1e2f0a-8b7d-4c3e-9a6f-1d2b3c4e5f60",
    "uri": "https://example.vn/",
}
_BY_TYPE: Final[Mapping[str, Any]] = {"string": "...", "number": 1.0, "boolean": False, "null": None}


def example_of(schema: Mapping[str, Any], shapes: Mapping[str, Any], depth: int = 0) -> Any:  # noqa: ANN401
    """Give a value of the schema; `shapes` are the named ones that it may refer to."""
    if depth > _MAX_DEPTH:
        return None
    for name in ("examples", "enum"):
        if schema.get(name):
            return schema[name][0]
    for name in ("example", "const"):
        if name in schema:
            return schema[name]
    if "$ref" in schema:
        return example_of(shapes[schema["$ref"].rpartition("/")[2]], shapes, depth + 1)
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema and schema.get("type") != "string":
            choices = [choice for choice in schema[name] if choice.get("type") != "null"]
            return example_of(choices[0], shapes, depth + 1) if choices else None
    return _of_type(schema, shapes, depth)


def _of_type(schema: Mapping[str, Any], shapes: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401
    kind = schema.get("type")
    if kind == "object":
        members = schema.get("properties", {})
        return {name: example_of(member, shapes, depth + 1) for name, member in members.items()}
    if kind == "array":
        return [example_of(schema.get("items", {}), shapes, depth + 1)]
    if kind == "integer":
        return schema.get("minimum", 1)
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    return _BY_TYPE.get(str(kind))
