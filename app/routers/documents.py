"""The documents about the service: OpenAPI, its two readers, and what each kind of problem means.

Everything comes from here; the pages have no inline script and ask nobody else for anything.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.deps import Language
from app.errors import NotFoundError
from app.intake.route import ServiceRoute
from app.problems.catalogue import BY_CODE

router = APIRouter(route_class=ServiceRoute, include_in_schema=False)

_OWN: Final = Path(__file__).parent.parent / "static"
# The libraries put style elements into the page, hence the one inline permission.
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_HEADERS: Final = {"Content-Security-Policy": _PAGE_POLICY}
_ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=86400"}
# ReDoc's signature shows its makers' logo from their server, which the page must not ask.
_FOREIGN_LOGO: Final = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_OWN_LOGO: Final = b"docs/assets/favicon.svg"


class _Asset(NamedTuple):
    path: Path
    media_type: str


def _vendored() -> Path:
    # Only its files are wanted; importing the package would import its own application class.
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package fastapi-offline, which holds the pages' scripts, is not installed")
    return Path(spec.origin).parent / "static"


_VENDORED: Final = _vendored()
_SCRIPT: Final = "text/javascript"
_ASSETS: Final = {
    "swagger-ui-bundle.js": _Asset(_VENDORED / "swagger-ui-bundle.js", _SCRIPT),
    "swagger-ui.css": _Asset(_VENDORED / "swagger-ui.css", "text/css"),
    "redoc.standalone.js": _Asset(_VENDORED / "redoc.standalone.js", _SCRIPT),
    "docs.js": _Asset(_OWN / "docs.js", _SCRIPT),
    "redoc.js": _Asset(_OWN / "redoc.js", _SCRIPT),
    "favicon.svg": _Asset(_OWN / "favicon.svg", "image/svg+xml"),
}


# Plain functions: they read files, so FastAPI runs them in a thread.
@router.get("/docs")
def swagger_ui() -> HTMLResponse:
    """Show the contract with Swagger UI."""
    return HTMLResponse((_OWN / "docs.html").read_bytes(), headers=_PAGE_HEADERS)


@router.get("/redoc")
def redoc() -> HTMLResponse:
    """Show the contract with ReDoc."""
    return HTMLResponse((_OWN / "redoc.html").read_bytes(), headers=_PAGE_HEADERS)


@router.get("/docs/assets/{name}")
def asset(name: Annotated[str, PathParameter()]) -> Response:
    """Give a file of the two pages."""
    found = _ASSETS.get(name)
    if found is None:
        raise NotFoundError
    content = found.path.read_bytes().replace(_FOREIGN_LOGO, _OWN_LOGO)
    return Response(content, media_type=found.media_type, headers=_ASSET_HEADERS)


@router.get("/favicon.ico")
def favicon() -> Response:
    """Give the icon to browsers that ask for it by the old name."""
    return asset("favicon.svg")


@router.get("/openapi.json")
def openapi(request: Request) -> JSONResponse:
    """Give the contract as OpenAPI."""
    return JSONResponse(request.app.openapi())


@router.get("/problems")
async def problem_kinds(language: Language) -> JSONResponse:
    """List every kind of problem."""
    return JSONResponse({"items": [_explained(code, language) for code in sorted(BY_CODE)]})


@router.get("/problems/{code}")
async def problem_kind(code: str, language: Language) -> JSONResponse:
    """Explain one kind of problem; this is what a problem's `type` points at."""
    if code not in BY_CODE:
        raise NotFoundError
    return JSONResponse(_explained(code, language))


def _explained(code: str, language: Language) -> dict[str, Any]:
    entry = BY_CODE[code]
    return {
        "type": f"/problems/{code}",
        "code": code,
        "status": entry.status,
        "title": entry.title.in_language(language),
        "detail": entry.detail.in_language(language),
    }
