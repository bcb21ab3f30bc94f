"""A low or narrow window, as at 200 % zoom, and keys alone: nothing is cut off, the focus never hidden."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import SCREEN, Desk

# 1366x768 at 200 %.
ZOOMED: Final = {"width": 683, "height": 384}
_STOPS: Final = 26
# Of the element with the focus: does something else lie where its first line begins?
_COVERED: Final = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(20, box.height / 2));
  return seen === at || at.contains(seen) || at === document.body ? null : at.outerHTML.slice(0, 120);
}"""


def _walk(page: Page) -> list[str]:
    covered = []
    for _ in range(_STOPS):
        page.keyboard.press("Tab")
        covered.append(page.evaluate(_COVERED))
    return [one for one in covered if one]


@pytest.mark.parametrize("size", [SCREEN, ZOOMED], ids=["whole", "zoomed"])
def test_what_has_the_focus_is_never_under_a_bar(desk: Desk, size: dict[str, int]) -> None:
    desk.page.set_viewport_size({"width": size["width"], "height": size["height"]})
    desk.log_in()
    desk.new_case()
    desk.page.evaluate("scrollTo(0, 0)")
    desk.page.get_by_label("Thủ tục").first.focus()
    assert _walk(desk.page) == []


def test_what_a_save_ended_with_is_seen_whole(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.page.route("**/cases", lambda route: route.abort())
    desk.button("Lưu hồ sơ").click()
    words = desk.page.get_by_text("Bấm lưu lại là an toàn")
    expect(words).to_be_in_viewport()
    words_end = words.bounding_box()
    bar = desk.page.locator(".save-bar").bounding_box()
    assert words_end is not None
    assert bar is not None
    assert words_end["y"] + words_end["height"] <= bar["y"]


@pytest.mark.parametrize(
    ("username", "page"),
    [
        ("receiver", "Hồ sơ"),
        ("receiver", "Thêm mới hồ sơ"),
        ("manager", "Thống kê hồ sơ"),
        ("auditor", "Nhật ký tra cứu"),
        ("auditor", "Ai đã tra cứu"),
        ("auditor", "Thống kê tra cứu"),
        ("admin", "Thủ tục"),
        ("admin", "Cơ quan, cán bộ, hệ thống"),
    ],
)
def test_a_zoomed_page_does_not_scroll_sideways_and_its_bars_leave_room(
    desk: Desk, username: str, page: str
) -> None:
    desk.page.set_viewport_size({"width": ZOOMED["width"], "height": ZOOMED["height"]})
    desk.log_in(username)
    desk.go(page)
    desk.page.locator("main h1").wait_for()
    desk.page.wait_for_load_state("networkidle")
    assert desk.page.evaluate("() => document.documentElement.scrollWidth") <= ZOOMED["width"]
    desk.page.evaluate("scrollTo(0, 200)")
    expect(desk.page.locator("header.top .brand")).not_to_be_in_viewport()
