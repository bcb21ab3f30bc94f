"""The table of docs/access.md, made from the routes and the policy. Run as a module, it writes the file."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.domain.caller import SCOPES_OF_ROLE, Role, Scope
from app.domain.policy import scopes_of_system
from app.intake.open_routes import PUBLIC
from tests.unit.house.openapi_document import described

BEGIN: Final = "<!-- the table is written by make openapi -->\n"
END: Final = "<!-- end of the table -->\n"
# An officer's own: for a system they do not exist.
OWN_ACCOUNT: Final = frozenset({"/me/account", "/me/password", "/me/second-factor"})
_YES: Final = "yes"
_NO: Final = "–"


def declared_scopes(operation: dict[str, Any]) -> frozenset[Scope] | None:
    """Tell the scopes that an operation asks for; None for a public one."""
    if "security" not in operation:
        return None
    return frozenset(
        Scope(scope)
        for requirement in operation["security"]
        for names in requirement.values()
        for scope in names
    )


def table() -> str:
    """Write the table: each operation, and who may call it."""
    heads = ["operation", "scope", *Role, "system"]
    lines = [heads, ["---"] * len(heads)]
    for path, operations in described()["paths"].items():
        for method, operation in operations.items():
            lines.append([f"`{method.upper()} {path}`", *_cells(path, operation)])
    rows = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{rows}\nPublic, with the reason:\n\n{''.join(_public())}"


def _cells(path: str, operation: dict[str, Any]) -> list[str]:
    scopes = declared_scopes(operation)
    if not scopes:
        is_officers = path in OWN_ACCOUNT
        return [
            "public" if scopes is None else "any token",
            *[_YES] * len(Role),
            _NO if is_officers else _YES,
        ]
    of_roles = [_YES if scopes <= SCOPES_OF_ROLE[role] else _NO for role in Role]
    of_system = "if registered for it" if scopes <= scopes_of_system(set(Scope)) else _NO
    return [", ".join(f"`{scope}`" for scope in sorted(scopes)), *of_roles, of_system]


def _public() -> Iterator[str]:
    reason = ""
    for name, given in PUBLIC.items():
        reason = reason if given == "as above" else given
        yield f"- `{name}`: {reason}\n"


def with_table(text: str) -> str:
    """Put the table into the document's text."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(with_table(document.read_text(encoding="utf-8")), encoding="utf-8")
