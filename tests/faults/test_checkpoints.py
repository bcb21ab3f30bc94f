"""Checkpoints of real processes: verified by a script apart, over a change of keys, made by two workers."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from app.domain.checkpoint import Checkpoint, SignedNote, key_id
from app.keys.key_file import Keys
from app.keys.log_keys import verified
from app.services.checkpoint_anchor import CheckpointAnchor
from tests.api.conftest import NGOC
from tests.processes import Service, motcua, running_service
from tests.unit.house.source_files import ROOT

LOOKUP = {"procedure_code": "1.004194"} | NGOC
ORIGIN = "127.0.0.1/audit"
SCRIPT = ROOT / "examples" / "verify_record.py"


def look_up(service: Service) -> int:
    headers = {"Authorization": f"Bearer {service.token('receiver')}"}
    answer = httpx.post(f"{service.base_url}/verify/id-card", json=LOOKUP, headers=headers, timeout=30)
    answer.raise_for_status()
    size: int = answer.json()["audit"]["tree_size"]
    return size


def checkpoint_of(service: Service, *, at_least: int) -> str:
    """Wait for the checkpoint that holds so many records."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        answer = httpx.get(f"{service.base_url}/audit/checkpoint", timeout=30)
        answer.raise_for_status()
        if Checkpoint.parsed(SignedNote.parsed(answer.text).text).size >= at_least:
            return answer.text
        time.sleep(0.1)
    raise AssertionError(answer.text)


def run_script(service: Service, sequence: int, *key: str) -> "subprocess.CompletedProcess[str]":
    environment = {"TOKEN": service.token("auditor"), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-I", str(SCRIPT), service.base_url, str(sequence), *key]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False, cwd="/"
    )


def keys_command(url: str, folder: Path, command: str) -> "subprocess.CompletedProcess[str]":
    return motcua("keys", command, database_url=url, key_file=f"{folder}/keys.json")


def anchored(folder: Path) -> list[str]:
    (log,) = (folder / "checkpoints").iterdir()
    return [one.note for one in CheckpointAnchor(log).as_it_is()()]


def test_a_script_without_anything_of_ours_verifies_a_record(tmp_path: Path) -> None:
    assert len(SCRIPT.read_text("utf-8").splitlines()) <= 80
    with running_service(f"sqlite:///{tmp_path / 'service.db'}", tmp_path) as service:
        for _ in range(5):
            size = look_up(service)
        checkpoint_of(service, at_least=size)
        key = httpx.get(f"{service.base_url}/audit/public-key").text.strip()
        for sequence in (0, 3, size - 1):
            proved = run_script(service, sequence, key)
            assert proved.stdout.startswith(f"PROVED: record {sequence} "), proved.stderr
            assert '"kind":' in proved.stdout
        assert run_script(service, 0).returncode == 0
        beyond = run_script(service, 999_999, key)
        assert (beyond.returncode, beyond.stdout) == (1, "")
        assert beyond.stderr.startswith("NOT PROVED: no checkpoint holds record 999999 yet")
        other = f"{ORIGIN}+00000000+{key.split('+', 2)[2]}"
        refused = run_script(service, 0, other)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "NOT PROVED" in refused.stderr


def test_a_change_of_keys_is_on_record_and_leaves_every_checkpoint_verifiable(
    empty_url: str, tmp_path: Path
) -> None:
    with running_service(empty_url, tmp_path) as service:
        old_note = checkpoint_of(service, at_least=look_up(service))
        old_key = httpx.get(f"{service.base_url}/audit/public-key").text.strip()
        # While the service runs: it goes on with the old key until it is started again.
        rotated = keys_command(empty_url, tmp_path, "rotate-log-key")
        assert rotated.returncode == 0, rotated.stderr
        checkpoint_of(service, at_least=look_up(service))
    with running_service(empty_url, tmp_path) as service:
        size = look_up(service)
        new_note = checkpoint_of(service, at_least=size)
        keys = httpx.get(f"{service.base_url}/audit/public-key").text.splitlines()
        assert keys[1:] == [old_key]
        assert keys[0] in rotated.stdout
        headers = {"Authorization": f"Bearer {service.token('auditor')}"}
        records = httpx.get(
            f"{service.base_url}/audit/records", params={"kind": "CHANGE"}, headers=headers
        ).json()["items"]
        (details,) = [item["record"]["details"] for item in records]
        assert details.pop("made_by").startswith("cli:")
        assert details == {"old_key": old_key, "new_key": keys[0]}
        assert records[0]["record"]["result"] == "log-key-rotated"
        assert run_script(service, records[0]["sequence"]).returncode == 0
    log_keys = Keys.read(tmp_path / "keys.json").log_keys
    for note in (old_note, new_note):
        verified(note, origin=ORIGIN, public_keys=log_keys.public_keys)
    verified(new_note, origin=ORIGIN, public_keys=log_keys.public_keys[:1])
    # The old key signed the record that names the new one.
    by_old_key = [note for note in anchored(tmp_path) if _is_signed_by(log_keys.retired, note)]
    newest = Checkpoint.parsed(SignedNote.parsed(by_old_key[-1]).text)
    assert newest.size > records[0]["sequence"]


def _is_signed_by(public_keys: tuple[bytes, ...], note: str) -> bool:
    (signature,) = SignedNote.parsed(note).signatures
    return signature.key_id in {key_id(ORIGIN, key) for key in public_keys}


def test_keys_from_before_checkpoints_get_a_log_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    made = keys_command(url, tmp_path, "init")
    assert made.returncode == 0, made.stderr
    again = keys_command(url, tmp_path, "init")
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
    path = tmp_path / "keys.json"
    fields = json.loads(path.read_text())
    del fields["log_key"], fields["retired_log_keys"]
    path.write_text(json.dumps(fields))
    added = keys_command(url, tmp_path, "rotate-log-key")
    assert added.returncode == 0, added.stderr
    assert Keys.read(path).log_keys.retired == ()


def test_a_sandbox_from_before_checkpoints_gets_its_log_key_at_its_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    keys_command(url, tmp_path, "init")
    path = tmp_path / "keys.json"
    fields = json.loads(path.read_text())
    del fields["log_key"], fields["retired_log_keys"]
    path.write_text(json.dumps(fields))
    with running_service(url, tmp_path) as service:
        checkpoint_of(service, at_least=look_up(service))


def test_a_log_is_not_served_under_another_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    with running_service(url, tmp_path) as service:
        checkpoint_of(service, at_least=look_up(service))
    with (
        pytest.raises(AssertionError, match=f"the audit log's name is {ORIGIN}"),
        running_service(url, tmp_path, public_url="http://localhost:8000"),
    ):
        pass
    with running_service(url, tmp_path, public_url="http://localhost:8000", audit_origin=ORIGIN) as service:
        checkpoint_of(service, at_least=look_up(service))


def test_a_key_is_not_changed_when_that_cannot_be_put_on_record(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'never-migrated.db'}"
    keys_command(url, tmp_path, "init")
    before = (tmp_path / "keys.json").read_bytes()
    refused = keys_command(url, tmp_path, "rotate-log-key")
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert (tmp_path / "keys.json").read_bytes() == before


@pytest.mark.timeout(180)
def test_two_workers_sign_one_note_for_each_size_and_anchor_all(empty_url: str, tmp_path: Path) -> None:
    with running_service(empty_url, tmp_path, workers="2") as service:
        began = time.monotonic()
        while time.monotonic() < began + 4:
            size = look_up(service)
        checkpoint_of(service, at_least=size)
        seconds = time.monotonic() - began
    notes = anchored(tmp_path)
    sizes = [Checkpoint.parsed(SignedNote.parsed(note).text).size for note in notes]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] >= size
    # One a second, one more as it began and one as each worker ended.
    assert len(sizes) <= seconds + 5


def test_a_service_that_ends_leaves_nothing_without_a_checkpoint(tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path / 'service.db'}", tmp_path) as service:
        size = look_up(service)
    assert Checkpoint.parsed(SignedNote.parsed(anchored(tmp_path)[-1]).text).size == size
