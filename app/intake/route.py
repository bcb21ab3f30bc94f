"""The way into every route: who calls, then the query, then the body, before FastAPI validates any of it.

FastAPI alone would parse the body before it asks who sent it, ignore unknown and repeated query parameters,
and read JSON as leniently as the standard library.
"""

import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.status import HTTP_204_NO_CONTENT

from app.errors import NotFoundError, UnsupportedMediaTypeError
from app.intake import strict_json
from app.intake.access import admit, required_scopes
from app.intake.admission import BODY_METHODS

JSON: Final = "application/json"

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
_CHARSET: Final = re.compile(r'charset="?utf-8"?', re.IGNORECASE)


class _ParsedRequest(Request):
    """A request whose body was read already, strictly."""

    parsed: Any = None

    async def json(self) -> Any:  # noqa: ANN401 - overrides Request.json
        return self.parsed


class ServiceRoute(APIRoute):
    """The `route_class` of every router of the service."""

    def get_route_handler(self) -> _Handler:
        """Put the strict intake before FastAPI's own handler."""
        handle = super().get_route_handler()
        scopes = required_scopes(self.dependant)
        parameters = frozenset(_query_parameters(self.dependant))
        media_types = _media_types(self)
        may_bring_a_body = not BODY_METHODS.isdisjoint(self.methods or ())

        async def handle_strictly(request: Request) -> Response:
            if scopes is not None:
                await admit(request, scopes)
            if _CONTROL.search(request.scope["path"]) or _hides_a_slash(request):
                raise NotFoundError
            if request.scope["query_string"]:
                _check_query(request, parameters)
            if media_types:
                request = await _read_body(request, media_types)
            elif may_bring_a_body:
                # Not asked for; but a request has its place when it is whole (app/intake/admission.py).
                await request.body()
            answer = await handle(request)
            if answer.status_code == HTTP_204_NO_CONTENT:
                # FastAPI names a type also where there is no content.
                del answer.headers["content-type"]
            return answer

        return handle_strictly


def _hides_a_slash(request: Request) -> bool:
    """Tell whether a proxy that filters by path saw another path than the one that leads here."""
    return b"%2f" in request.scope.get("raw_path", b"").lower()


def _query_parameters(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (info.alias or name for name, info in model.model_fields.items())
        else:
            yield field.alias
    for part in dependant.dependencies:
        yield from _query_parameters(part)


def _media_types(route: APIRoute) -> tuple[str, ...]:
    if route.body_field is None:
        return ()
    media_type = str(getattr(route.body_field.field_info, "media_type", JSON))
    # A merge patch is JSON, and not every HTTP library lets its user say more than that.
    return (media_type, JSON) if media_type.endswith("+json") else (media_type,)


def _check_query(request: Request, known: frozenset[str]) -> None:
    faults: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    for name, value in request.query_params.multi_items():
        if name not in known:
            faults.append({"type": "unknown-member", "loc": ("query", "")})
        elif name in seen:
            faults.append({"type": "repeated", "loc": ("query", name)})
        elif _CONTROL.search(value):
            faults.append({"type": "control-character", "loc": ("query", name)})
        seen.add(name)
    if faults:
        raise RequestValidationError(faults)


async def _read_body(request: Request, media_types: tuple[str, ...]) -> Request:
    read = _ParsedRequest(request.scope, request.receive)
    body = await read.body()
    if not body:
        # FastAPI says that it is required, if it is.
        return read
    if not _is_of(request, media_types):
        raise UnsupportedMediaTypeError(*media_types)
    if JSON in media_types:
        read.parsed = strict_json.parse(body)
    return read


def _is_of(request: Request, media_types: tuple[str, ...]) -> bool:
    types: list[bytes] = []
    for name, value in request.scope["headers"]:
        if name == b"content-type":
            types.append(value)
        elif name == b"content-encoding" and value.lower() != b"identity":
            return False
    if len(types) != 1:
        return False
    sent = types[0].decode("latin-1")
    if sent in media_types:
        return True
    media_type, *parameters = (part.strip() for part in sent.split(";"))
    return media_type.lower() in media_types and all(_CHARSET.fullmatch(text) for text in parameters if text)
