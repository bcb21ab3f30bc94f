"""How a string of the wire becomes a value: the function that checks it, and what OpenAPI says about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.problems.faults import FAULTS


def refuse(fault: str) -> NoReturn:
    """Refuse a value with one of the field codes, whose texts people see instead of a message."""
    if fault not in FAULTS:
        raise LookupError(f"{fault} is no field code")
    raise PydanticCustomError(fault, "refused")


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """Annotation of a value that arrives as a string and as nothing else."""

    check: Callable[[str], Any]
    shown: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Take only strings, in pydantic's lax mode too."""
        return core_schema.no_info_after_validator_function(self.check, core_schema.str_schema(strict=True))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Show the string's form."""
        return {**handler(schema), **self.shown}
