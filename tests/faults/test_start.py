"""A service that cannot start says why on one line and ends with 2, or 1 where it may work later."""

import socket
import subprocess
from pathlib import Path

import pytest

from app.db.migrate import migrate
from tests.migrations.test_newer_schema import make_newer
from tests.processes import free_port, motcua

REAL = {
    "npd_profile": "ndxp-soap",
    "npd_url": "http://127.0.0.1:9/dancu",
    "npd_username": "a",
    "npd_secret": "b",
}


def start(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    chosen = {
        "database_url": f"sqlite:///{folder}/service.db",
        "key_file": f"{folder}/keys.json",
        "port": str(free_port()),
    } | settings
    return motcua("serve", **chosen)


def file(folder: Path, content: str) -> str:
    path = folder / "named"
    path.write_text(content)
    return str(path)


@pytest.mark.parametrize(
    ("settings", "content", "reason"),
    [
        (REAL | {"npd_ca_file": "FILE"}, "no certificate", "NPD_CA_FILE cannot be used"),
        (
            REAL | {"npd_client_cert": "FILE", "npd_client_key": "FILE"},
            "no certificate",
            "NPD_CLIENT_CERT and NPD_CLIENT_KEY cannot be used",
        ),
        (REAL | {"npd_labels_file": "FILE"}, "{", "named: wrong at top"),
        (REAL | {"npd_labels_file": "/nowhere/labels.json"}, "", "labels.json: cannot be read"),
        ({"sandbox_population_file": "/nowhere/people.json"}, "", "people.json: cannot be read"),
        ({"sandbox_population_file": "FILE"}, "people", "named: no JSON object"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, settings: dict[str, str], content: str, reason: str
) -> None:
    path = file(tmp_path, content)
    ended = start(tmp_path, **{name: path if value == "FILE" else value for name, value in settings.items()})
    assert ended.returncode == 2
    assert f"motcua: {reason}" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "service.db").exists()


def test_a_schema_of_a_later_release_that_took_something_away_is_not_served(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    migrate(url)
    make_newer(url, "ALTER TABLE case_file DROP COLUMN supplement_requests")
    ended = start(tmp_path)
    assert ended.returncode == 2
    assert "of a newer release, which has taken away" in ended.stderr
    assert "case_file.supplement_requests" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_database_that_does_not_answer_is_told_in_one_line_for_a_start_to_be_tried_again(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    ended = start(tmp_path, database_url=f"postgresql://service:geheim@127.0.0.1:{port}/motcua")
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("motcua: the database cannot be used: ")
    assert "Connection refused" in line
    assert "geheim" not in line


def test_a_port_that_somebody_has_is_named_and_no_address_is_promised(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = start(tmp_path, port=str(port))
    assert ended.returncode == 2
    assert f"motcua: cannot listen on 127.0.0.1, port {port}: Address already in use" in ended.stderr
    assert "sandbox, invented people only" not in ended.stdout
