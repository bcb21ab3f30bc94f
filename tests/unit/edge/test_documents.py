import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest

from app.openapi import install_openapi
from app.problems.catalogue import BY_CODE
from app.routers import documents
from tests.unit.intake.small_app import make_app, open_client

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(documents.router)
    install_openapi(app)
    async with open_client(app) as client:
        yield client


class _Page(HTMLParser):
    """Collects what a page loads, and what it carries inside."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inline += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        sources = [value or "" for name, value in attrs if name in {"src", "href"}]
        self.links += sources
        if tag == "style" or (tag == "script" and not sources):
            self.inline.append(tag)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_a_page_has_only_scripts_of_its_own_and_all_of_them_are_there(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    page = _Page(answer.text)
    assert page.inline == []
    assert len(page.links) >= 4
    for link in page.links:
        # Without a slash in front, so that they also work behind a proxy's prefix.
        assert re.fullmatch(r"[a-z]+[a-z./-]+", link)
        assert (await client.get(f"/{link}")).status_code == 200


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/docs/assets/swagger-ui.css", "text/css; charset=utf-8"),
        ("/docs/assets/docs.js", "text/javascript; charset=utf-8"),
        ("/favicon.ico", "image/svg+xml"),
    ],
)
async def test_assets_may_be_kept_by_browsers(client: httpx.AsyncClient, path: str, media_type: str) -> None:
    answer = await client.get(path)
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_makers_logo_is_not_fetched_from_their_server(client: httpx.AsyncClient) -> None:
    script = await client.get("/docs/assets/redoc.standalone.js")
    assert "cdn.redoc.ly" not in script.text
    assert "docs/assets/favicon.svg" in script.text


@pytest.mark.parametrize("name", ["nope.js", "../main.py", "..%2f..%2fmain.py", "%2e%2e/docs.html", ""])
async def test_no_other_file_is_given(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/docs/assets/{name}")).status_code == 404


async def test_the_contract_is_served(client: httpx.AsyncClient) -> None:
    contract = (await client.get("/openapi.json")).json()
    assert contract["openapi"].startswith("3.1")
    assert not [path for path in contract["paths"] if path.startswith(("/docs", "/openapi", "/problems"))]


async def test_every_problem_is_explained_where_its_type_points(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/problems")).json()["items"]
    assert [item["code"] for item in listed] == sorted(BY_CODE)
    for item in listed:
        answer = await client.get(item["type"])
        assert answer.json() == item
    in_vietnamese = await client.get("/problems/case-not-found", headers={"Accept-Language": "vi"})
    assert in_vietnamese.json()["title"] == "Không tìm thấy hồ sơ"
    assert (await client.get("/problems/nope")).status_code == 404
