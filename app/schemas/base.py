"""What every shape of the wire has in common: requests are strict, responses complete."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

_STRICT_TYPES: Final = frozenset({"bool", "int", "float", "str", "date", "datetime", "time", "decimal"})


def _forbid_conversions(node: Any) -> None:  # noqa: ANN401 - a core schema is nested dictionaries
    if isinstance(node, dict):
        if node.get("type") in _STRICT_TYPES:
            node.setdefault("strict", True)
        for member in node.values():
            _forbid_conversions(member)
    elif isinstance(node, list):
        for item in node:
            _forbid_conversions(item)


class _Unprinted(BaseModel):
    """Prints none of its values, which are often a person's."""

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        """Name the members that are set, without their values."""
        return [(None, name) for name in sorted(self.model_fields_set)]


class RequestSchema(_Unprinted):
    """A body as a caller sends it: no unknown members, no conversions ("1" is no integer), immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> CoreSchema:
        """Make the simple types strict.

        Pydantic's own strict mode would also refuse a string for an enumeration or a UUID and a list for a
        tuple, but JSON has no other way to write them.
        """
        schema = handler(source)
        _forbid_conversions(schema)
        return schema


class ResponseSchema(_Unprinted):
    """An answer: made from attributes, immutable, and without defaults, so that every member is there."""

    model_config = ConfigDict(from_attributes=True, frozen=True, hide_input_in_errors=True)
