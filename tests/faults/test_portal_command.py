"""`motcua portal-export` as an operator runs it, beside a running service."""

import json
import subprocess
from pathlib import Path
from stat import S_IMODE
from typing import Any

import httpx
import pytest

from tests.processes import Service, motcua, running_service

FORM: dict[str, Any] = {
    "procedure_code": "1.004194",
    "channel": "in_person",
    "applicant": {
        "full_name": "NGUYỄN THỊ MINH NGỌC",
        "id_number": "100190000001",
        "birth_date": "1990-07-30",
        "phone": "0912 345 678",
    },
    "note": "Trích yếu",
}


def export(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return motcua(
        "portal-export",
        *arguments,
        database_url=f"sqlite:///{folder / 'portal.db'}",
        key_file=f"{folder}/keys.json",
    )


def lived(service: Service) -> list[str]:
    """Let two cases live: one in person to its return, one online that is received a moment later."""
    numbers = []
    portal = httpx.post(
        f"{service.base_url}/auth/token",
        data={"grant_type": "client_credentials", "client_id": "portal", "client_secret": "sandbox"},
    ).json()["access_token"]
    officer = {"Authorization": f"Bearer {service.token('receiver')}"}
    with httpx.Client(base_url=service.base_url, timeout=30) as client:
        for headers, form, steps in (
            (officer, FORM, ("in_progress", "completed", "returned")),
            (
                {"Authorization": f"Bearer {portal}"},
                FORM | {"channel": "online", "agency_code": "H24.15", "organization_name": "Công ty A"},
                ("received",),
            ),
        ):
            case = client.post("/cases", json=form, headers=headers).raise_for_status().json()
            numbers.append(case["receipt_number"])
            for step in steps:
                body = {"to": step, "note": f"sang {step}"}
                path = f"/cases/{case['receipt_number']}/status"
                client.post(path, json=body, headers=officer).raise_for_status()
    return numbers


@pytest.mark.timeout(120)
def test_changes_are_written_as_messages_of_the_portal(tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path / 'portal.db'}", tmp_path) as service:
        first, second = lived(service)
        done = export(tmp_path)
        assert done.returncode == 0, done.stderr
        assert "exported up to 6" in done.stderr
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        told = [
            (message["service"], message.get("isUpdating"), message["data"][0]["MaHoSo"])
            for message in messages
        ]
        assert told == [
            ("DongBoHoSoMC", "False", first),
            *[("DongBoHoSoMC", "True", first), ("CapNhatTienDoHoSoMC", None, first)] * 3,
            ("DongBoHoSoMC", "False", second),
            *[("DongBoHoSoMC", "True", second), ("CapNhatTienDoHoSoMC", None, second)],
        ]
        case = messages[0]["data"][0]
        assert (case["KenhThucHien"], case["LoaiDoiTuong"], case["ChuHoSo"]) == (
            "1",
            "1",
            "NGUYỄN THỊ MINH NGỌC",
        )
        assert (case["SoGiayToChuHoSo"], case["TrichYeuHoSo"]) == ("100190000001", "Trích yếu")
        assert (case["TrangThaiHoSo"], case["MaTTHC"]) == ("10", "1.004194")
        for name in ("NgayTiepNhan", "NgayHenTra", "NgayTra", "NgayKetThucXuLy"):
            assert len(case[name]) == 14, name
            assert case[name].isdigit(), name
        progress = messages[2]["data"][0]
        assert (progress["TrangThai"], progress["NoiDungXuLy"]) == ("4", "sang in_progress")
        assert (progress["NguoiXuLy"], len(progress["ThoiDiemXuLy"])) == ("receiver", 14)
        online = messages[7]["data"][0]
        assert (online["KenhThucHien"], online["LoaiDoiTuong"], online["ChuHoSo"]) == ("2", "2", "Công ty A")
        assert online["NgayTiepNhan"] >= online["NgayNopHoSo"]
        # From a sequence on, into a file; and all of it is on record.
        rest = export(tmp_path, "--after", "4", "--output", str(tmp_path / "rest.jsonl"))
        assert rest.stdout == ""
        assert (tmp_path / "rest.jsonl").read_text("utf-8").splitlines() == done.stdout.splitlines()[7:]
        headers = {"Authorization": f"Bearer {service.token('auditor')}"}
        found = httpx.get(f"{service.base_url}/audit/records?kind=ACCESS", headers=headers).json()["items"]
        records = [item["record"] for item in found if item["record"]["result"] == "portal-exported"]
        assert [(record["details"]["first"], record["details"]["last"]) for record in records] == [
            (5, 6),
            (1, 6),
        ]
        assert all(record["details"]["made_by"].startswith("cli:") for record in records)


@pytest.mark.timeout(120)
def test_a_file_is_the_owners_alone_and_holds_this_export_only(tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path / 'portal.db'}", tmp_path) as service:
        lived(service)
        old = tmp_path / "old.jsonl"
        old.write_text("of yesterday\n", "utf-8")
        old.chmod(0o644)
        for name, after, lines in (("new.jsonl", "4", 3), ("old.jsonl", "4", 3), ("old.jsonl", "6", 0)):
            done = export(tmp_path, "--after", after, "--output", str(tmp_path / name))
            assert (done.returncode, "exported up to 6" in done.stderr) == (0, True)
            written = tmp_path / name
            assert len(written.read_text("utf-8").splitlines()) == lines
            assert S_IMODE(written.stat().st_mode) == 0o600


@pytest.mark.timeout(120)
def test_a_sequence_that_the_feed_has_not_reached_is_refused(tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path / 'portal.db'}", tmp_path) as service:
        lived(service)
        done = export(tmp_path, "--after", "7")
        assert (done.returncode, done.stdout) == (2, "")
        assert "the feed ends at 6" in done.stderr


def test_without_the_keys_nothing_is_written(tmp_path: Path) -> None:
    done = export(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "keys.json" in done.stderr
