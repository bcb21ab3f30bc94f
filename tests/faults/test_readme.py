"""The README's lines, run by a shell against a running service, as a newcomer would paste them."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import running_service
from tests.simulators import running_simulator

README = Path(__file__).parents[2] / "README.md"


def readme_lines() -> str:
    """Cut the block of first lookups out of the README."""
    section = README.read_text(encoding="utf-8").partition("## First lookups")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return block[1]


@pytest.fixture(params=["mock", "ndxp-soap", "lgsp-soap", "lgsp-json"])
def npd_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    if request.param == "mock":
        yield {"npd_profile": "mock"}
        return
    with running_simulator(request.param, tmp_path) as simulator:
        yield simulator.settings


def test_the_lines_of_the_readme_do_what_it_says(tmp_path: Path, npd_settings: dict[str, str]) -> None:
    url = f"sqlite:///{tmp_path / 'readme.db'}"
    with running_service(url, tmp_path, **npd_settings) as service:
        receipt = tmp_path / "receipt.pdf"
        lines = readme_lines().replace("http://127.0.0.1:8000", service.base_url)
        lines = lines.replace("var/receipt.pdf", str(receipt))
        shell = subprocess.run(
            ["/bin/sh", "-e", "-c", lines], capture_output=True, text=True, timeout=60, check=True
        )
    answers = list(map(json.loads, shell.stdout.splitlines()))
    exists, not_found, household, record, case, search, *steps, history, feed, cases, figures, log = answers
    for lookup in (exists, not_found, household, record):
        assert lookup["source"]["profile"] == npd_settings["npd_profile"]
        assert lookup["source"]["is_test_data"] is True
    assert exists["result"] == "exists"
    assert not_found["result"] == "not_found"
    assert household["head"]["result"] == "confirmed"
    assert [member["result"] for member in household["members"]] == ["member"] * 11 + ["not_member"]
    assert record["result"] == "found"
    assert all(record[part]["full_name"] for part in ("father", "mother", "spouse", "household_head"))
    assert record["citizen"]["permanent_address"]["ward"] == {"code": "11311", "label": "Phường Hồng Bàng"}
    assert re.fullmatch(r"H24\.15-\d{6}-0001", case["receipt_number"])
    assert case["due_at"] is not None
    assert [found["receipt_number"] for found in search["items"]] == [case["receipt_number"]]
    assert receipt.read_bytes().startswith(b"%PDF-")
    statuses = ["received", "in_progress", "completed", "returned"]
    assert [step["status"] for step in steps] == statuses[1:]
    assert [item["new"] for item in history["items"] if item["field"] == "status"] == statuses
    assert [(item["sequence"], item["status"]) for item in feed["items"]] == list(enumerate(statuses, 1))
    assert [item["receipt_number"] for item in cases["items"]] == [case["receipt_number"]]
    assert figures["rows"] == [
        {
            "group": "returned",
            "received": 1,
            "in_progress": 0,
            "completed_on_time": 1,
            "completed_late": 0,
            "overdue_now": 0,
        }
    ]
    for lookup in (exists, not_found, household, record):
        kinds = [
            item["record"]["kind"]
            for item in log["items"]
            if item["record"]["lookup_id"] == lookup["lookup_id"]
        ]
        assert sorted(kinds) == ["INTENT", "OUTCOME"]


def test_the_line_that_the_banner_prints_works_when_pasted(tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path / 'banner.db'}", tmp_path) as service:
        banner = service.log.read_text(encoding="utf-8")
        line = next(line for line in banner.splitlines() if line.strip().startswith("try"))
        shell = subprocess.run(
            ["/bin/sh", "-c", line.partition("try")[2]],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert json.loads(shell.stdout)["result"] == "exists"
