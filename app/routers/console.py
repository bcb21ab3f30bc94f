"""The console (giao diện cán bộ): static files of `app/console`, which need no build step.

The page runs no inline script and has no inline style, and it asks nobody but this service for anything.
"""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Header
from fastapi import Path as PathParameter
from starlette.responses import RedirectResponse, Response

from app.errors import NotFoundError
from app.intake.route import ServiceRoute
from app.receipts.page import STYLE_SOURCE

router = APIRouter(route_class=ServiceRoute, include_in_schema=False)

_FOLDER: Final = Path(__file__).parent.parent / "console"
_HTML: Final = "text/html"
_MEDIA_TYPES: Final = {
    ".html": _HTML,
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
# The receipt is shown in a frame of the page, so its one style element must be allowed here too.
_PAGE: Final = "index.html"
_PAGE_POLICY: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {STYLE_SOURCE}; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Asked again each time, because modules of two versions must not meet; mostly the answer is 304. Foreign
# pages load the modules too, and whether they may is said in a header of each answer.
_HEADERS: Final = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding, Origin"}
_NOT_MODIFIED: Final = 304


class _File(NamedTuple):
    content: bytes
    packed: bytes
    tag: str
    media_type: str


# Plain functions: they read files, so FastAPI runs them in a thread.
@router.get("/console")
def console(
    accept_encoding: Annotated[str, Header()] = "", if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """Give the console's page."""
    return _answer(_PAGE, accept_encoding, if_none_match)


@router.get("/console/")
def console_with_slash() -> Response:
    """Lead those who typed a slash to the page, whose links are relative."""
    return RedirectResponse("../console", status_code=308)


@router.get("/console/{name}")
def console_file(
    name: Annotated[str, PathParameter()],
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Give a file of the console, or the page that shows its elements in a foreign form."""
    if name == _PAGE:
        # It has one address, `/console`: under another its relative links would lead nowhere.
        raise NotFoundError
    return _answer(name, accept_encoding, if_none_match)


def _answer(name: str, accept_encoding: str, if_none_match: str) -> Response:
    if name not in _names():
        raise NotFoundError
    file = _file(name)
    headers = _HEADERS | {"ETag": file.tag}
    if file.media_type == _HTML:
        headers["Content-Security-Policy"] = _PAGE_POLICY
    if file.tag in if_none_match:
        return Response(status_code=_NOT_MODIFIED, headers=headers)
    content = file.content
    if "gzip" in accept_encoding:
        content = file.packed
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=file.media_type, headers=headers)


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in _FOLDER.iterdir() if path.suffix in _MEDIA_TYPES)


@cache
def _file(name: str) -> _File:
    path = _FOLDER / name
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:32]
    return _File(content, gzip.compress(content, mtime=0), f'W/"{digest}"', _MEDIA_TYPES[path.suffix])
