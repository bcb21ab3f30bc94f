"""What was typed over a case that changed meanwhile is not lost unseen, and undoes nothing unseen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk
from tests.processes import Service

Colleague = Callable[..., None]


@pytest.fixture
def colleague(desk: Desk, service: Service) -> Colleague:
    """Change a case elsewhere."""
    headers = {"Authorization": f"Bearer {service.token('receiver3')}", "Content-Type": "application/json"}

    def change(number: str, body: dict[str, Any], *, is_step: bool = False) -> None:
        path = f"{service.base_url}/cases/{number}"
        if is_step:
            answer = desk.page.request.post(f"{path}/status", data=json.dumps(body), headers=headers)
        else:
            answer = desk.page.request.patch(path, data=json.dumps(body), headers=headers)
        assert answer.ok

    return change


def _step(desk: Desk, name: str) -> Locator:
    """Open the dialog of a step; gives the box of its note."""
    steps = desk.page.get_by_role("group", name="Chuyển trạng thái")
    steps.get_by_role("button", name=name).click()
    return desk.dialog.get_by_label("Nội dung xử lý")


def _reload(desk: Desk) -> None:
    """Have the case shown anew, and wait until it is: what was shown before can be opened until then."""
    before = desk.page.locator("main h1").element_handle()
    desk.button("Tải lại hồ sơ").click()
    before.wait_for_element_state("hidden")


def _save_and_reload(desk: Desk, save: str) -> None:
    desk.button(save).click()
    expect(desk.dialog.locator(".outcome")).to_have_attribute("data-code", "precondition-failed")
    _reload(desk)
    expect(desk.dialog).to_have_count(0)
    desk.heading("Tiến độ").wait_for()


def test_what_was_typed_for_a_case_that_ended_is_shown_and_then_not_asked_about(
    desk: Desk, colleague: Colleague
) -> None:
    desk.log_in()
    number = desk.register()
    desk.button("Sửa hồ sơ").click()
    desk.dialog.get_by_label("Số điện thoại").fill("0912 345 678")
    desk.button("Thêm giấy tờ").click()
    desk.dialog.locator(".paper").last.get_by_label("Tên giấy tờ").fill("Giấy khai sinh")
    colleague(number, {"to": "withdrawn"}, is_step=True)
    _save_and_reload(desk, "Lưu thay đổi")
    expect(desk.button("Sửa hồ sơ")).to_have_count(0)
    note = desk.page.get_by_role("status").filter(has_text="Hãy chép lại nếu cần")
    expect(note).to_contain_text("0912 345 678")
    expect(note).to_contain_text("Giấy khai sinh (1, Bản chính)")
    desk.check_accessibility()
    desk.go("Hồ sơ")
    expect(desk.heading("Tiếp nhận hồ sơ")).to_be_visible()


def test_a_note_is_kept_for_its_own_step_alone(desk: Desk, colleague: Colleague) -> None:
    desk.log_in()
    number = desk.register()
    _step(desk, "Đang xử lý").fill("Đã nhận bản vẽ")
    colleague(number, {"note": "Đồng nghiệp đã ghi"})
    _save_and_reload(desk, "Chuyển trạng thái")
    expect(_step(desk, "Dừng xử lý")).to_have_value("")
    desk.close_dialog()
    expect(_step(desk, "Đang xử lý")).to_have_value("Đã nhận bản vẽ")
    # Where the case has the step behind it, the note is shown instead.
    colleague(number, {"to": "in_progress"}, is_step=True)
    _save_and_reload(desk, "Chuyển trạng thái")
    note = desk.page.get_by_role("status").filter(has_text="Hãy chép lại nếu cần")
    expect(note).to_contain_text("Nội dung xử lý (Đang xử lý)")
    expect(note).to_contain_text("Đã nhận bản vẽ")
    desk.go("Hồ sơ")
    expect(desk.heading("Tiếp nhận hồ sơ")).to_be_visible()


def test_what_a_draft_would_undo_is_named_and_the_draft_can_be_thrown_away(
    desk: Desk, colleague: Colleague
) -> None:
    desk.log_in()
    number = desk.register()
    desk.button("Sửa hồ sơ").click()
    phone = desk.dialog.get_by_label("Số điện thoại")
    phone.fill("0912 345 678")
    colleague(number, {"applicant": {"phone": "0987 654 321"}})
    desk.button("Lưu thay đổi").click()
    desk.button("Tải lại hồ sơ").wait_for()
    # What is typed after the refusal is kept too.
    desk.dialog.get_by_label("Ghi chú").fill("Gọi lại sau")
    _reload(desk)
    desk.button("Sửa hồ sơ").click()
    expect(phone).to_have_value("0912 345 678")
    expect(desk.dialog.get_by_label("Ghi chú")).to_have_value("Gọi lại sau")
    undone = desk.dialog.locator(".facts")
    expect(undone).to_contain_text("0987 654 321")
    expect(undone).not_to_contain_text("Ghi chú")
    desk.check_accessibility()
    desk.button("Bỏ nội dung này").click()
    expect(phone).to_have_value("0987 654 321")
    expect(desk.dialog).not_to_contain_text("được điền sẵn")


def test_a_day_that_cannot_be_read_takes_none_away(desk: Desk, colleague: Colleague) -> None:
    desk.log_in()
    number = desk.register()
    desk.button("Sửa hồ sơ").click()
    desk.dialog.get_by_label("Số điện thoại").fill("0912 345 678")
    day = desk.dialog.get_by_label("Ngày thực địa")
    colleague(number, {"field_visit_on": "2026-12-01"})
    desk.button("Lưu thay đổi").click()
    desk.button("Tải lại hồ sơ").wait_for()
    day.fill("hôm nào")
    _reload(desk)
    desk.button("Sửa hồ sơ").click()
    expect(desk.dialog.get_by_label("Số điện thoại")).to_have_value("0912 345 678")
    expect(day).to_have_value("01/12/2026")
