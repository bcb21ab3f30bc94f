"""The one way to describe a field of the contract: in English, with its Vietnamese term."""

from typing import Any

from pydantic import Field


def term(english: str, vi: str, **constraints: Any) -> Any:  # noqa: ANN401 - pydantic's own signature
    """Describe a field; `vi` is a term of docs/glossary.md, `constraints` are pydantic's.

    Give `examples` with a type that has a pattern: the OpenAPI examples are built from them.
    """
    return Field(description=f"{english} (vi: {vi})", json_schema_extra={"x-vi-term": vi}, **constraints)
