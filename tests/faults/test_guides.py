"""The lines of a guide that a reader runs one after the other, run by a shell against a running service."""

import json
import re
import subprocess
from pathlib import Path

from tests.faults.test_examples import EXAMPLES
from tests.processes import free_port, running_service

GUIDE = EXAMPLES.parent / "docs" / "portal-backend.md"


def _lines_of_the_trial(guide: Path) -> str:
    section = guide.read_text(encoding="utf-8").partition("run by tests/faults/test_guides.py")[2]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return block[1]


def test_the_portals_trial_shows_feed_and_webhooks(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'guide.db'}"
    hooks = {"webhook_hosts": "127.0.0.1", "webhook_networks": "127.0.0.0/8"}
    port = str(free_port())
    lines = _lines_of_the_trial(GUIDE)
    with running_service(url, tmp_path, **hooks) as service:
        lines = lines.replace("http://127.0.0.1:8000", service.base_url).replace("9000", port)
        lines = lines.replace("var/last-sequence.txt", str(tmp_path / "last-sequence.txt"))
        shell = subprocess.run(
            ["/bin/sh", "-e", "-c", lines],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            cwd=EXAMPLES.parent,
        )
    printed = shell.stdout.splitlines()
    first, second = (line.removeprefix("registered: ") for line in printed if line.startswith("registered"))
    told = [json.loads(line) for line in printed if line.startswith("{")]
    assert [item["receipt_number"] for item in told if "sequence" in item] == [first, first]
    assert [item["data"]["receipt_number"] for item in told if "data" in item] == [second, second]
    assert "401" in printed
    listed = next(item["items"] for item in told if "items" in item)
    assert [webhook["url"] for webhook in listed] == [f"http://127.0.0.1:{port}/hook"]
