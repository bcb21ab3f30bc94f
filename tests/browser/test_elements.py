"""The three elements in a form of another origin, which a setting must name."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.browser.desk import NGOC, Desk
from tests.processes import Service, running_service

CONSOLE = Path(__file__).parents[2] / "app" / "console"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("foreign")


@pytest.fixture(scope="module")
def foreign(folder: Path) -> Iterator[str]:
    """Serve pages from an origin of their own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def open_service(foreign: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("open")
    url = f"sqlite:///{folder / 'open.db'}"
    with running_service(url, folder, cors_origins=foreign, budgets="off") as service:
        yield service


def _put_page(folder: Path, service: Service) -> None:
    """Write the demo page as another system's page that loads from the service what it embeds."""
    page = (CONSOLE / "demo.html").read_text(encoding="utf-8")
    page = page.replace("./demo.js", f"{service.base_url}/console/demo.js")
    (folder / "form.html").write_text(page, encoding="utf-8")
    for name in ("demo.css", "icon.svg"):
        (folder / name).write_bytes((CONSOLE / name).read_bytes())


def _type_person(desk: Desk) -> None:
    desk.page.get_by_label("Mật khẩu").fill("sandbox")
    desk.button("Lấy mã").click()
    expect(desk.page.locator("#state")).to_have_text("đã có mã")
    desk.page.get_by_label("Họ tên").fill("nguyễn thị minh ngọc")
    desk.page.get_by_label("Số CCCD/CMND").fill(NGOC["number"])
    desk.page.get_by_label("Ngày sinh").fill(NGOC["birth"])
    desk.page.get_by_label("Số của một thành viên").fill("100088000002")


def test_a_foreign_form_asks_and_is_filled(
    desk: Desk, folder: Path, foreign: str, open_service: Service
) -> None:
    _put_page(folder, open_service)
    desk.allowed_origins |= {foreign, open_service.base_url}
    desk.page.goto(f"{foreign}/form.html")
    _type_person(desk)
    desk.check_accessibility()
    desk.picture("31-foreign-form")
    outcome = desk.ask("Xác nhận CCCD-CMND", "Xác thực thông tin")
    expect(outcome).to_contain_text("Công dân tồn tại")
    desk.check_accessibility()
    desk.picture("32-foreign-dialog")
    desk.close_dialog()
    expect(desk.page.locator("#heard")).to_contain_text("id-card – exists")
    desk.ask("Kiểm tra thông tin", "Kết nối thông tin")
    desk.button("Điền vào hồ sơ").click()
    expect(desk.page.get_by_label("Địa chỉ")).to_have_value(
        "Số 12 phố Thử Nghiệm, Phường Hồng Bàng, Hải Phòng"
    )
    expect(desk.page.get_by_label("Họ tên")).to_have_attribute("readonly", "")
    desk.button("Xác nhận chủ hộ").click()
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    expect(desk.dialog.locator(".member .badge")).to_have_text("Là thành viên")
    desk.close_dialog()
    expect(desk.page.locator("#heard")).to_contain_text("household-head – confirmed")


def test_the_elements_look_as_in_the_console_and_the_form_as_its_own(
    desk: Desk, folder: Path, foreign: str, open_service: Service
) -> None:
    _put_page(folder, open_service)
    desk.allowed_origins |= {foreign, open_service.base_url}
    desk.page.goto(f"{foreign}/form.html")
    look = "(element) => getComputedStyle(element).borderRadius"
    assert desk.button("Xác nhận CCCD-CMND").evaluate(look) == "8px"
    assert desk.button("Lấy mã").evaluate(look) != "8px"


def test_without_a_token_the_element_says_that_the_session_ended(
    desk: Desk, folder: Path, foreign: str, open_service: Service
) -> None:
    _put_page(folder, open_service)
    desk.allowed_origins |= {foreign, open_service.base_url}
    desk.page.goto(f"{foreign}/form.html")
    _type_person(desk)
    desk.page.evaluate("document.querySelector('motcua-verify-id-card').getToken = async () => null")
    outcome = desk.ask("Xác nhận CCCD-CMND", "Xác thực thông tin")
    expect(outcome).to_have_attribute("data-code", "unauthenticated")


def test_an_incomplete_form_is_not_sent(desk: Desk) -> None:
    desk.open("/console/demo.html")
    desk.page.get_by_label("Họ tên").fill("A")
    desk.button("Xác nhận CCCD-CMND").click()
    expect(desk.page.get_by_text("Chưa nhập số CCCD/CMND.")).to_be_visible()
    assert desk.dialog.count() == 0


def test_an_origin_that_is_not_named_gets_nothing(
    desk: Desk, folder: Path, foreign: str, service: Service
) -> None:
    _put_page(folder, service)
    desk.allowed_origins |= {foreign, service.base_url}
    refused: list[str] = []
    desk.page.on("requestfailed", lambda request: refused.append(request.url))
    desk.page.goto(f"{foreign}/form.html")
    assert refused == [f"{service.base_url}/console/demo.js"]
    fetched = desk.page.evaluate(
        "(url) => fetch(url).then(() => 'answered', () => 'refused')", f"{service.base_url}/health/live"
    )
    assert fetched == "refused"
    # The browser says so, which is what this test is about.
    assert desk.complaints
    assert all("CORS policy" in complaint for complaint in desk.complaints)
    desk.complaints.clear()
