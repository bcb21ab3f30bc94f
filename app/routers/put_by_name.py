"""What routes have in common that make or replace what their path names."""

from typing import Annotated, Any, Final

from fastapi import Path, Response, Security, status
from pydantic import BaseModel

from app.deps import current_caller
from app.domain.caller import Caller, Scope

Responses = dict[int | str, dict[str, Any]]
Admin = Annotated[Caller, Security(current_caller, scopes=[Scope.ADMIN])]

_LOCATION: Final = {"description": "Path of what was made.", "schema": {"type": "string"}}


def name_in_path(english: str, vi: str, *, example: str, pattern: str | None = None) -> Any:  # noqa: ANN401 - FastAPI's own
    """Describe a name in the path; without a `pattern`, what cannot be is answered as what is not there."""
    return Path(
        description=f"{english} (vi: {vi})",
        json_schema_extra={"x-vi-term": vi},
        pattern=pattern,
        examples=[example],
    )


def created(what: str, model: type[BaseModel]) -> Responses:
    """Describe the answer to who made something, beside the 200 to who replaced it."""
    return {201: {"description": what, "model": model, "headers": {"Location": _LOCATION}}}


def tell_that_it_is_new(response: Response, path: str) -> None:
    """Answer 201, with the path of what was made."""
    response.status_code = status.HTTP_201_CREATED
    response.headers["Location"] = path
