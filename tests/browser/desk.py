"""A desk with the console on its screen: what a test does there, and what must never happen there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import ConsoleMessage, Locator, Page, Request

NGOC: Final = {"name": "NGUYỄN THỊ MINH NGỌC", "number": "100190000001", "birth": "30/07/1990"}
STRANGER: Final = {"name": "NGUYỄN THỊ MINH NGỌC", "number": "100190000001", "birth": "31/07/1990"}

_AXE: Final = Axe()
# Answers of 4xx and 5xx are what some tests are about; the browser notes each of them.
_EXPECTED: Final = "Failed to load resource"
_COLOURS: Final = 224
_WIDTH: Final = 1366
_HEIGHT: Final = 768
SCREEN: Final[Any] = {"width": _WIDTH, "height": _HEIGHT}
TABLET: Final[Any] = {"width": 820, "height": 1180}


@dataclass
class Desk:
    """One browser page on one service."""

    page: Page
    base_url: str
    pictures: Path | None
    complaints: list[str] = field(default_factory=list)
    allowed_origins: set[str] = field(default_factory=set)

    def watch(self) -> None:
        """Note whatever must never happen: errors, violations of the policy, requests to anybody else."""
        self.allowed_origins.add(self.base_url)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._see)
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => console.error('policy violated: ' + event.violatedDirective))"
        )

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_EXPECTED):
            self.complaints.append(f"{message.type}: {message.text}")

    def _see(self, request: Request) -> None:
        if request.url.startswith(("blob:", "data:", "about:")):
            return
        if not any(request.url.startswith(f"{origin}/") for origin in self.allowed_origins):
            self.complaints.append(f"request to another server: {request.url}")

    def open(self, path: str = "/console") -> None:
        self.page.goto(f"{self.base_url}{path}")

    def log_in(self, username: str = "receiver") -> None:
        self.open()
        self.enter(username)

    def enter(self, username: str = "receiver") -> None:
        """Log in on the page that is open."""
        self.page.get_by_label("Tên đăng nhập").fill(username)
        self.page.get_by_label("Mật khẩu").fill("sandbox")
        self.button("Đăng nhập").click()
        self.page.locator("header.top").wait_for()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def go(self, name: str) -> None:
        self.page.get_by_role("navigation", name="Chức năng").get_by_role(
            "link", name=name, exact=True
        ).click()

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name)

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    def new_case(self, procedure: str = "1.004194", person: Mapping[str, str] = NGOC) -> None:
        """Open the form and type the applicant in."""
        self.go("Thêm mới hồ sơ")
        self.heading("Người nộp hồ sơ").wait_for()
        self.page.get_by_label("Thủ tục").first.select_option(procedure)
        self.page.locator(".due").wait_for()
        self.type_person(person)

    def register(self) -> str:
        """Register a case and stay on its page; gives its receipt number."""
        self.new_case()
        self.button("Lưu hồ sơ").click()
        self.heading("Tiến độ").wait_for()
        return self.page.get_by_role("heading", level=1).locator(".number").inner_text()

    def type_person(self, person: Mapping[str, str]) -> None:
        self.page.get_by_label("Họ và tên người nộp").fill(person["name"])
        self.page.get_by_label("Số CCCD/CMND").first.fill(person["number"])
        self.page.get_by_label("Ngày sinh").first.fill(person["birth"])

    def ask(self, opener: str, action: str) -> Locator:
        """Open one of the dialogs, ask, and wait for what comes of it."""
        self.button(opener).click()
        self.dialog.get_by_role("button", name=action).click()
        outcome = self.dialog.locator(".outcome")
        outcome.wait_for()
        return outcome

    def close_dialog(self) -> None:
        self.page.keyboard.press("Escape")
        self.dialog.wait_for(state="detached")

    def check_accessibility(self) -> None:
        """Let axe-core look at the page as it stands, once it is drawn."""
        self.page.locator("h1").first.wait_for(state="attached")
        violations = _AXE.run(self.page).response["violations"]
        found = [
            f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
            for one in violations
            for node in one["nodes"]
        ]
        if found:
            raise AssertionError("\n".join(found))

    def picture(self, name: str) -> None:
        """Keep what the screen shows, if pictures are wanted."""
        if self.pictures is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            shot = self.page.screenshot(animations="disabled", caret="hide")
            # Text on plain surfaces loses nothing that a reader sees, and two thirds of its size.
            image = Image.open(BytesIO(shot)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
            image.save(self.pictures / f"{name}.png", optimize=True)
