"""The console's pure functions, against answers that were computed with other tools."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from app.domain.merkle import leaf_hash
from app.problems.catalogue import BY_CODE
from tests.browser.desk import Desk

# What no officer's action in the console can meet.
WITHOUT_WORDS = {
    "malformed-request",
    "method-not-allowed",
    "request-refused",
    "request-timeout",
    "request-too-large",
    "unsupported-media-type",
}


def _call(desk: Desk, module: str, function: str, *arguments: Any) -> Any:
    desk.open()
    return desk.page.evaluate(
        """async ([module, name, values]) => {
          const result = await (await import(`${location.origin}/console/${module}.js`))[name](...values);
          return result instanceof Uint8Array ? btoa(String.fromCharCode(...result)) : result;
        }""",
        [module, function, list(arguments)],
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("30/07/1990", "1990-07-30"),
        ("3/7/1990", "1990-07-03"),
        ("30-07-1990", "1990-07-30"),
        ("30.07.1990", "1990-07-30"),
        ("30071990", "1990-07-30"),
        ("07/1990", "1990-07"),
        ("7/1990", "1990-07"),
        (" 1990 ", "1990"),
        ("29/02/2024", "2024-02-29"),
        ("29/02/2023", None),
        ("31/04/1990", None),
        ("00/1990", None),
        ("13/1990", None),
        ("1799", None),
        ("90", None),
        ("1990-07-30", None),
        ("", None),
    ],
)
def test_dates_are_read_as_officers_type_them(desk: Desk, typed: str, meant: str | None) -> None:
    assert _call(desk, "claims", "parseDate", typed) == meant


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("100190000001|000000101|Nguyễn Thị Minh Ngọc|30071990|Nữ|Số 1|01072021", "Nguyễn Thị Minh Ngọc"),
        ("100190000001||Nguyễn Thị Minh Ngọc|30071990|Nữ|Số 1", "Nguyễn Thị Minh Ngọc"),
        ("100190000001||A|30071990|Nữ|Số 1|01072021||B|C|", "A"),
        ("100190000001||A|30071990|Nữ", None),
        ("10019000000||A|30071990|Nữ|Số 1|", None),
        ("100190000001||A|31021990|Nữ|Số 1|", None),
        ("100190000001|||30071990|Nữ|Số 1|", None),
        ("https://example.vn/a|b|c|d|e|f", None),
    ],
)
def test_codes_of_cards_old_and_new_are_read_and_others_refused(
    desk: Desk, code: str, name: str | None
) -> None:
    card = _call(desk, "claims", "parseCardCode", code)
    assert (card and card["full_name"]) == name


def test_records_are_written_as_the_service_writes_them(desk: Desk) -> None:
    record: dict[str, Any] = {
        "b": [1, {"z": None, "a": 'Ngọc \u2028 " \\ \n é'}],
        "a": True,
        "ồ": 12,
        "A": {},
    }
    written = _call(desk, "merkle", "canonical", record)
    assert written.encode() == rfc8785.dumps(record)
    hashed = base64.b64decode(_call(desk, "merkle", "leafHash", record))
    assert hashed == leaf_hash(rfc8785.dumps(record))
    assert hashed == hashlib.sha256(b"\x00" + rfc8785.dumps(record)).digest()


def test_every_problem_that_an_officer_can_meet_has_words_of_its_own(desk: Desk) -> None:
    desk.open()
    known = desk.page.evaluate(
        "async () => (await import(`${location.origin}/console/failures.js`)).KNOWN_CODES"
    )
    assert sorted(BY_CODE.keys() - set(known) - WITHOUT_WORDS) == []


def test_no_module_writes_markup_keeps_anything_or_runs_text() -> None:
    forbidden = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "document.cookie",
        "caches.",
    )
    folder = Path(__file__).parents[2] / "app" / "console"
    modules = sorted(folder.glob("*.js"))
    assert modules
    found = [
        f"{module.name}: {word}"
        for module in modules
        for word in forbidden
        if word in module.read_text(encoding="utf-8")
    ]
    assert found == []
