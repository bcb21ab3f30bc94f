"""docs/openapi.json as the code gives it. Run as a module, it writes the file that it is told."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.main import create_app
from app.settings.settings import Settings


def described() -> dict[str, Any]:
    """Describe the service with its default settings, whatever the environment says."""
    # Not `Settings()`: that would read the machine's own variables.
    return create_app(Settings.model_construct()).openapi()


def document_text() -> str:
    """Write the description as the file has it."""
    return json.dumps(described(), ensure_ascii=False, indent=1) + "\n"


def fields(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every member of every shape and every parameter, with the place where it stands."""
    for shape, schema in document["components"]["schemas"].items():
        for name, member in schema.get("properties", {}).items():
            yield f"{shape}.{name}", member
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                yield f"{method} {path} {parameter['name']}", parameter["schema"]
            for media in operation.get("requestBody", {}).get("content", {}).values():
                for name, member in media.get("schema", {}).get("properties", {}).items():
                    yield f"{method} {path} {name}", member


def terms(node: Any) -> Iterator[str]:
    """Give every Vietnamese term of a part of the document."""
    if isinstance(node, dict):
        if isinstance(node.get("x-vi-term"), str):
            yield node["x-vi-term"]
        for member in node.values():
            yield from terms(member)
    elif isinstance(node, list):
        for item in node:
            yield from terms(item)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document_text(), encoding="utf-8")
