"""deploy/systemd/motcua, run with its places moved into a folder: what the command gets that it starts."""

import getpass
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.processes import process_environment
from tests.unit.house.source_files import ROOT

SYSTEMD: Final = ROOT / "deploy" / "systemd"
SECRETS: Final = {"database-url": "postgresql://service", "keys.json": "{}", "npd-secret": "of the register"}
# Tells what it was given, and what stands in the files.
_TOLD: Final = f"""#!{sys.executable}
import json, os, pathlib, sys
given = {{name: value for name, value in os.environ.items() if name.startswith(("MOTCUA_", "LOGNAME"))}}
read = {{name: pathlib.Path(value).read_text() for name, value in given.items() if name.endswith("_FILE")}}
modes = {{name: oct(os.stat(given[name]).st_mode & 0o777) for name in read}}
print(json.dumps({{"arguments": sys.argv[1:], "given": given, "read": read, "modes": modes}}))
sys.exit(3)
"""


@dataclass(frozen=True)
class Machine:
    """A folder that the command takes for the machine."""

    folder: Path

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", str(self.folder / "motcua"), *arguments],
            env=process_environment() | variables,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def told(self, *arguments: str, **variables: str) -> dict[str, Any]:
        done = self.run(*arguments, **variables)
        assert (done.returncode, done.stderr) == (3, "")
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    @property
    def ran_as(self) -> str | None:
        note = self.folder / "ran-as"
        return note.read_text(encoding="utf-8").strip() if note.exists() else None


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    etc = tmp_path / "etc"
    for folder in ("etc", "run", "bin"):
        (tmp_path / folder).mkdir()
    moved = {
        "PATH=": f"PATH={tmp_path / 'bin'}:",
        "account=motcua": f"account={getpass.getuser()}",
        "/srv/motcua/.venv/bin/motcua": str(tmp_path / "program"),
        "/etc/motcua/": f"{etc}/",
        "/etc/systemd/system/": f"{etc}/",
        "/run/": f"{tmp_path / 'run'}/",
    }
    _write(tmp_path / "motcua", _edited("motcua", moved))
    _write(tmp_path / "program", _TOLD)
    _write(tmp_path / "bin" / "id", "#!/bin/sh\necho 0\n")
    # runuser -u ACCOUNT -- COMMAND...
    _write(tmp_path / "bin" / "runuser", f'#!/bin/sh\necho "$2" > {tmp_path}/ran-as\nshift 3\nexec "$@"\n')
    _write(etc / "motcua.service", _edited("motcua.service", {"/etc/motcua/": f"{etc}/"}))
    _write(
        etc / "motcua.env",
        _edited("motcua.env", {"MOTCUA_WORKERS=2": 'MOTCUA_WORKERS="2"\nMOTCUA_NPD_PHONE=a $b;c'}),
    )
    for name, content in SECRETS.items():
        (etc / name).write_text(content, encoding="utf-8")
        (etc / name).chmod(0o600)
    return Machine(tmp_path)


def _edited(name: str, moved: dict[str, str]) -> str:
    text = (SYSTEMD / name).read_text(encoding="utf-8")
    for shipped, here in moved.items():
        assert shipped in text
        # Not within what was moved already.
        text = re.sub(rf"(?<![\w/]){re.escape(shipped)}", here.replace("\\", r"\\"), text)
    return text


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    path.chmod(0o755)


def test_a_command_gets_the_units_settings_and_copies_of_its_secrets(machine: Machine) -> None:
    told = machine.told("officer", "add", "a b", "*")
    assert told["arguments"] == ["officer", "add", "a b", "*"]
    assert told["given"]["MOTCUA_ENV"] == "production"
    assert told["given"]["MOTCUA_WORKERS"] == "2"
    assert told["given"]["MOTCUA_NPD_PHONE"] == "a $b;c"
    assert told["read"] == {
        "MOTCUA_DATABASE_URL_FILE": SECRETS["database-url"],
        "MOTCUA_KEY_FILE": SECRETS["keys.json"],
        "MOTCUA_NPD_SECRET_FILE": SECRETS["npd-secret"],
    }
    assert set(told["modes"].values()) == {"0o400"}
    assert machine.ran_as == getpass.getuser()
    assert machine.told("officer", "list", SUDO_USER="lan")["given"]["LOGNAME"] == "lan"
    assert list((machine.folder / "run").iterdir()) == []


def test_commands_about_keys_write_the_file_itself_and_run_as_root(machine: Machine) -> None:
    told = machine.told("keys", "rotate")
    assert told["given"]["MOTCUA_KEY_FILE"] == str(machine.folder / "etc" / "keys.json")
    assert machine.ran_as is None


@pytest.mark.parametrize("name", ["MOTCUA_DATABASE_URL", "MOTCUA_DATABASE_URL_FILE"])
def test_an_address_of_the_callers_own_takes_the_units_place_and_is_not_shown_to_the_service(
    machine: Machine, name: str
) -> None:
    own = str(machine.folder / "etc" / "npd-secret")
    told = machine.told("migrate", **{name: own})
    assert {key: value for key, value in told["given"].items() if "DATABASE" in key} == {name: own}
    assert machine.ran_as is None


def test_a_drop_in_of_the_unit_counts(machine: Machine) -> None:
    etc = machine.folder / "etc"
    (etc / "motcua.service.d").mkdir()
    (etc / "npd-key").write_text("pem", encoding="utf-8")
    _write(
        etc / "motcua.service.d" / "key.conf",
        f"[Service]\nLoadCredential=npd-key:{etc}/npd-key\nEnvironment=MOTCUA_NPD_CLIENT_KEY=%d/npd-key\n",
    )
    assert machine.told("doctor")["given"]["MOTCUA_NPD_CLIENT_KEY"].endswith("/npd-key")


def test_a_secret_that_is_not_there_is_named_and_nothing_runs(machine: Machine) -> None:
    (machine.folder / "etc" / "npd-secret").unlink()
    done = machine.run("doctor")
    assert (done.returncode, done.stdout) == (2, "")
    assert "npd-secret" in done.stderr
    assert list((machine.folder / "run").iterdir()) == []


def test_it_is_for_root(machine: Machine) -> None:
    _write(machine.folder / "bin" / "id", "#!/bin/sh\necho 1000\n")
    done = machine.run("doctor")
    assert done.returncode == 2
    assert "as root" in done.stderr
