"""The own account at the console, with one-time codes as a phone makes them."""

import time
from collections.abc import Iterator
from io import BytesIO
from uuid import uuid4

import httpx
import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.conftest import open_desk
from tests.browser.desk import Desk
from tests.processes import Service, running_service

PASSWORD = "Vi-du: 8 con de trang!"
OTHER_PASSWORD = "Mua Xuan 2 con en bay?"
STEP_SECONDS = 30


def _as(service: Service, username: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {service.token(username)}"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give a service of its own: other tests count on the sandbox's accounts alone."""
    folder = tmp_path_factory.mktemp("accounts")
    with running_service(f"sqlite:///{folder / 'console.db'}", folder) as service:
        yield service


def _officer(service: Service, role: str = "receiver", agency: str = "H24") -> str:
    """Add an account that no other test uses."""
    username = f"phone.{uuid4().hex[:8]}"
    body = {"full_name": "Cán bộ Điện Thoại", "agency": agency, "roles": [role], "password": PASSWORD}
    url = f"{service.base_url}/officers/{username}"
    httpx.put(url, json=body, headers=_as(service, "admin"), timeout=30).raise_for_status()
    return username


def _enrolled(service: Service, role: str = "receiver") -> tuple[str, pyotp.TOTP]:
    """Add an account with a second factor; the present code is used up, the next one opens."""
    username = _officer(service, role)
    with httpx.Client(base_url=service.base_url, timeout=30) as client:
        form = {"grant_type": "password", "username": username, "password": PASSWORD}
        token = client.post("/auth/token", data=form).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        offer = client.post("/me/second-factor", json={"current_password": PASSWORD}).raise_for_status()
        codes = pyotp.TOTP(offer.json()["secret"])
        client.put("/me/second-factor", json={"otp": codes.now()}).raise_for_status()
    return username, codes


def _next_code(codes: pyotp.TOTP) -> str:
    return codes.at(int(time.time()) + STEP_SECONDS)


def _log_in(desk: Desk, username: str, password: str = PASSWORD, code: str | None = None) -> None:
    desk.open()
    desk.page.get_by_label("Tên đăng nhập").fill(username)
    desk.page.get_by_label("Mật khẩu").fill(password)
    if code is not None:
        desk.page.get_by_text("Xác thực hai yếu tố", exact=True).click()
        desk.page.get_by_label("Mã xác thực 6 số").fill(code)
    desk.page.keyboard.press("Enter")
    desk.page.locator("header.top").wait_for()


def _open_own_account(desk: Desk) -> None:
    # A page that is still coming takes the focus when it is there.
    desk.page.locator("main h1").first.wait_for()
    link = desk.page.get_by_role("link", name="Tài khoản của tôi")
    link.focus()
    desk.page.keyboard.press("Enter")
    desk.heading("Tài khoản của tôi").wait_for()


def _begin_to_enrol(desk: Desk, password: str = PASSWORD) -> None:
    desk.button("Đăng ký điện thoại").press("Enter")
    mine = desk.page.get_by_label("Mật khẩu của bạn")
    expect(mine).to_be_focused()
    mine.fill(password)
    desk.page.keyboard.press("Enter")


def _scan(desk: Desk) -> pyotp.TOTP:
    """Read the QR code on the screen, as a phone's camera does."""
    picture = Image.open(BytesIO(desk.page.locator("svg.qr").screenshot()))
    found = zxingcpp.read_barcode(picture)
    assert found is not None
    codes = pyotp.parse_uri(found.text)
    assert isinstance(codes, pyotp.TOTP)
    return codes


@pytest.mark.parametrize("username", ["receiver", "manager", "auditor", "admin"])
def test_every_role_finds_the_own_account(desk: Desk, username: str) -> None:
    desk.log_in(username)
    _open_own_account(desk)
    expect(desk.page.get_by_text("Chưa đăng ký")).to_be_visible()
    expect(desk.page.locator(".who a")).to_have_attribute("aria-current", "page")
    desk.check_accessibility()


def test_an_officer_enrols_a_phone_and_is_asked_for_its_codes_from_then_on(
    desk: Desk, service: Service
) -> None:
    username = _officer(service)
    _log_in(desk, username)
    _open_own_account(desk)
    _begin_to_enrol(desk, "sai")
    expect(desk.page.get_by_text("Mật khẩu không đúng.")).to_be_visible()
    desk.check_accessibility()
    desk.page.get_by_label("Mật khẩu của bạn").fill(PASSWORD)
    desk.page.keyboard.press("Enter")
    code = desk.page.get_by_label("Mã 6 số trên điện thoại")
    expect(code).to_be_focused()
    codes = _scan(desk)
    assert desk.page.locator(".secret").inner_text().replace(" ", "") == codes.secret
    desk.picture("34-second-factor")
    desk.check_accessibility()
    for wrong, words in (("12345", "đúng 6 chữ số"), ("000000", "Mã không đúng hoặc đã đổi")):
        code.fill(wrong)
        desk.page.keyboard.press("Enter")
        expect(desk.page.get_by_text(words)).to_be_visible()
        expect(code).to_be_focused()
    desk.check_accessibility()
    code.fill(codes.now())
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("status").filter(has_text="Đã bật xác thực hai yếu tố")).to_be_visible()
    expect(desk.page.get_by_text("Mất hoặc đổi điện thoại: nhờ quản trị gỡ")).to_be_visible()
    assert codes.secret not in desk.page.content()
    desk.picture("35-own-account")
    desk.check_accessibility()

    desk.button("Khóa").click()
    lock = desk.page.locator("dialog.lock")
    lock.get_by_label("Mật khẩu").fill(PASSWORD)
    desk.page.keyboard.press("Enter")
    expect(lock.get_by_role("alert")).to_contain_text("mã xác thực không đúng")
    lock.get_by_label("Mật khẩu").fill(PASSWORD)
    lock.get_by_label("Mã xác thực 6 số").fill(_next_code(codes))
    desk.page.keyboard.press("Enter")
    expect(lock).to_have_count(0)


def test_a_second_factor_that_was_set_elsewhere_meanwhile_is_told(desk: Desk, service: Service) -> None:
    username = _officer(service)
    _log_in(desk, username)
    _open_own_account(desk)
    _begin_to_enrol(desk)
    codes = _scan(desk)
    form = {"grant_type": "password", "username": username, "password": PASSWORD}
    token = httpx.post(f"{service.base_url}/auth/token", data=form, timeout=30).json()["access_token"]
    httpx.put(
        f"{service.base_url}/me/second-factor",
        json={"otp": codes.now()},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ).raise_for_status()
    desk.page.get_by_label("Mã 6 số trên điện thoại").fill(_next_code(codes))
    desk.page.keyboard.press("Enter")
    failure = desk.page.locator(".outcome.failure")
    expect(failure).to_have_attribute("data-code", "second-factor-set")
    desk.check_accessibility()


def test_an_officer_changes_the_password_and_each_refusal_stands_at_its_field(
    desk: Desk, service: Service
) -> None:
    username = _officer(service)
    _log_in(desk, username)
    _open_own_account(desk)

    def change(current: str, new: str, again: str) -> None:
        desk.page.get_by_label("Mật khẩu hiện tại").fill(current)
        desk.page.get_by_label("Mật khẩu mới", exact=False).first.fill(new)
        desk.page.get_by_label("Nhập lại mật khẩu mới").fill(again)
        desk.page.keyboard.press("Enter")

    for current, new, again, words in (
        ("", OTHER_PASSWORD, OTHER_PASSWORD, "Không được để trống."),
        (PASSWORD, OTHER_PASSWORD, PASSWORD, "Hai lần nhập không giống nhau."),
        (PASSWORD, "yeu", "yeu", "Mật khẩu phải có ít nhất 14 ký tự"),
        (PASSWORD, PASSWORD, PASSWORD, "Mật khẩu đã được dùng trước đây."),
        ("sai", OTHER_PASSWORD, OTHER_PASSWORD, "Mật khẩu không đúng. Sau 5 lần sai"),
    ):
        change(current, new, again)
        expect(desk.page.locator(".error:visible")).to_contain_text(words)
    desk.check_accessibility()
    change(PASSWORD, OTHER_PASSWORD, OTHER_PASSWORD)
    expect(desk.page.get_by_role("status").filter(has_text="Đã đổi mật khẩu.")).to_be_visible()
    _log_in(desk, username, OTHER_PASSWORD)


def test_an_administrator_takes_a_lost_phone_away(desk: Desk, service: Service) -> None:
    username, _ = _enrolled(service)
    desk.log_in("admin")
    desk.go("Cơ quan, cán bộ, hệ thống")
    desk.button(f"Sửa {username}").click()
    desk.check_accessibility()
    desk.button("Gỡ xác thực hai yếu tố").click()
    question = desk.page.get_by_role("dialog", name=f"Gỡ xác thực hai yếu tố của {username}")
    expect(question).to_contain_text("Việc gỡ được ghi lại")
    desk.check_accessibility()
    question.get_by_role("button", name="Gỡ", exact=True).click()
    expect(desk.page.get_by_text(f"Đã gỡ xác thực hai yếu tố của {username}.")).to_be_visible()
    expect(desk.dialog).to_have_count(0)
    desk.button(f"Sửa {username}").click()
    expect(desk.button("Gỡ xác thực hai yếu tố")).to_have_count(0)
    _log_in(desk, username)


def test_an_administrator_changes_the_own_phone(desk: Desk, service: Service) -> None:
    username, codes = _enrolled(service, "admin")
    _log_in(desk, username, code=_next_code(codes))
    _open_own_account(desk)
    desk.button("Gỡ xác thực hai yếu tố").click()
    desk.dialog.get_by_role("button", name="Gỡ", exact=True).click()
    expect(desk.button("Đăng ký điện thoại")).to_be_visible()


def test_an_administrator_of_an_agency_below_another_can_save_it(desk: Desk, service: Service) -> None:
    _log_in(desk, _officer(service, "admin", "H24.15"))
    desk.go("Cơ quan, cán bộ, hệ thống")
    desk.page.get_by_role("group", name="Danh bạ").get_by_role("button", name="Cơ quan").click()
    desk.page.get_by_role("button", name="Sửa H24.15", exact=True).click()
    # It is above, and so in none of his lists.
    expect(desk.dialog.get_by_label("Cơ quan cấp trên")).to_have_value("H24")
    desk.dialog.get_by_role("button", name="Lưu").click()
    expect(desk.page.get_by_text("Đã lưu cơ quan H24.15.")).to_be_visible()


@pytest.fixture
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("strict")
    url = f"sqlite:///{folder / 'console.db'}"
    with running_service(url, folder, second_factor_roles="admin") as service:
        yield service


def test_who_must_enrol_first_sees_nothing_else_until_it_is_done(
    browser: Browser, strict: Service, request: pytest.FixtureRequest
) -> None:
    with open_desk(browser, strict, request) as desk:
        desk.log_in("admin")
        expect(desk.page.get_by_text("phải đăng ký xác thực hai yếu tố")).to_be_visible()
        expect(desk.page.get_by_role("navigation", name="Chức năng").get_by_role("link")).to_have_count(0)
        desk.check_accessibility()
        _begin_to_enrol(desk, "sandbox")
        codes = _scan(desk)
        desk.page.get_by_label("Mã 6 số trên điện thoại").fill(codes.now())
        desk.page.keyboard.press("Enter")
        desk.button("Đăng nhập lại").click()
        _log_in(desk, "admin", "sandbox", _next_code(codes))
        expect(desk.heading("Thủ tục hành chính")).to_be_visible()
