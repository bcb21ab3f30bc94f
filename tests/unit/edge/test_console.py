import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.routers import console
from tests.unit.edge.test_documents import _Page
from tests.unit.intake.small_app import make_app, open_client

pytestmark = pytest.mark.anyio

FOLDER = Path(console.__file__).parents[1] / "console"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "index.html")
_IMPORT = re.compile(r"""(?:(?:from|import|import\()\s*"\./|module: ")([a-z_]+\.js)\"""")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(make_app(console.router)) as client:
        yield client


async def test_the_page_runs_and_loads_only_what_is_its_own(client: httpx.AsyncClient) -> None:
    answer = await client.get("/console")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    parts = answer.headers["Content-Security-Policy"].split("; ")
    policy = dict(part.split(" ", 1) for part in parts)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["img-src"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    page = _Page(answer.text)
    assert page.inline == []
    for link in page.links:
        # Without a slash in front, so that they also work behind a proxy's prefix.
        assert re.fullmatch(r"console/[a-z_]+\.(?:js|css|svg)", link)
        assert (await client.get(f"/{link}")).status_code == 200


@pytest.mark.parametrize("name", FILES)
async def test_every_file_is_given_as_what_it_is(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/console/{name}", headers={"Accept-Encoding": "identity"})
    assert answer.content == (FOLDER / name).read_bytes()
    kinds = {"js": "text/javascript", "css": "text/css", "html": "text/html", "svg": "image/svg+xml"}
    assert answer.headers["Content-Type"].partition(";")[0] == kinds[name.rpartition(".")[2]]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_files_come_packed_to_those_who_can_unpack(client: httpx.AsyncClient) -> None:
    request = client.build_request("GET", "/console/console.css", headers={"Accept-Encoding": "br, gzip"})
    answer = await client.send(request, stream=True)
    raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(raw) == (FOLDER / "console.css").read_bytes()


async def test_files_are_asked_for_again_and_come_only_when_they_changed(client: httpx.AsyncClient) -> None:
    first = await client.get("/console/app.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = await client.get("/console/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get("/console/app.js", headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200


async def test_a_slash_too_many_leads_to_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/console/")
    assert answer.status_code == 308
    # Relative, so that a proxy's prefix stays.
    assert answer.headers["Location"] == "../console"


@pytest.mark.parametrize(
    "name", ["nope.js", "index.html", "../main.py", "..%2fmain.py", "__init__.py", "console.css.map"]
)
async def test_no_other_file_is_given(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/console/{name}")).status_code == 404


def test_modules_import_only_modules_that_are_there() -> None:
    wanted = {
        found for path in FOLDER.glob("*.js") for found in _IMPORT.findall(path.read_text(encoding="utf-8"))
    }
    assert "page_cases.js" in wanted
    assert wanted <= set(FILES)


def test_modules_fit_a_reader() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in FOLDER.glob("*.js")}
    assert {name: lines for name, lines in lengths.items() if lines > 250} == {}
