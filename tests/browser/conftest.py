"""One service and one Chromium for the tests of a process; a fresh browser profile for each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import ARGUMENTS, chromium_path
from tests.browser.desk import SCREEN, Desk
from tests.processes import Service, running_service

_TIMEOUT_MS = 15_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", type=Path, default=None, help="folder for a picture of each step")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(f"sqlite:///{folder / 'console.db'}", folder, budgets="off") as service:
        yield service


@contextmanager
def open_desk(browser: Browser, service: Service, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Give a desk; at the end nothing may have happened that never may."""
    context = browser.new_context(viewport=SCREEN, locale="vi-VN", accept_downloads=True)
    context.set_default_timeout(_TIMEOUT_MS)
    desk = Desk(context.new_page(), service.base_url, request.config.getoption("--pictures"))
    desk.watch()
    yield desk
    context.close()
    assert desk.complaints == []


@pytest.fixture
def desk(browser: Browser, service: Service, request: pytest.FixtureRequest) -> Iterator[Desk]:
    with open_desk(browser, service, request) as desk:
        yield desk
