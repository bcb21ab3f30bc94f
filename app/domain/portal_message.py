"""What the national public service portal (Cổng Dịch vụ công quốc gia) is told of a case, in its own words.

The messages DongBoHoSoMC and CapNhatTienDoHoSoMC, whose names stand only here. Fields that the service knows
nothing of are empty, and lists whose form is not published are empty lists.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.domain.case import Case
from app.domain.case_change import ChangeKind, FeedItem
from app.domain.case_status import Channel
from app.domain.working_time import VIETNAM_TIME

SYNCHRONISE: Final = "DongBoHoSoMC"
PROGRESS: Final = "CapNhatTienDoHoSoMC"

_CHANNELS: Final = {Channel.IN_PERSON: "1", Channel.ONLINE: "2", Channel.POSTAL: "3"}
_CITIZEN: Final = "1"
_ORGANISATION: Final = "2"


@dataclass(frozen=True, slots=True)
class Step:
    """Who took a step and what was said of it; `received_at` is when the case was received, if it was."""

    officer: str | None
    note: str | None = field(repr=False)
    received_at: datetime | None


def messages_of(item: FeedItem, case: Case, step: Step) -> list[dict[str, Any]]:
    """Give the messages that one change of a case stands for; `case` is as it is now.

    A registration is a new case, anything else an update of it; a step of the status is told as progress too.
    """
    is_update = item.kind is not ChangeKind.REGISTERED
    messages = [{"service": SYNCHRONISE, "isUpdating": str(is_update), "data": [_case(case, step)]}]
    if item.kind is ChangeKind.STATUS_CHANGED:
        messages.append({"service": PROGRESS, "data": [_progress(item, case, step)]})
    return messages


def _case(case: Case, step: Step) -> dict[str, Any]:
    content, applicant = case.content, case.content.applicant
    return {
        "MaHoSo": case.receipt_number,
        "SoBienNhan": case.receipt_number,
        "MaTTHC": case.procedure.code,
        "TenTTHC": case.procedure.name,
        "MaLinhVuc": "",
        "TenLinhVuc": "",
        "KenhThucHien": _CHANNELS[case.channel],
        "SoGiayToChuHoSo": applicant.id_number or applicant.other_document or "",
        "ChuHoSo": content.organization_name or applicant.full_name,
        "LoaiDoiTuong": _ORGANISATION if content.organization_name else _CITIZEN,
        "MaDoiTuong": "",
        "Email": applicant.email or "",
        "SoDienThoai": applicant.phone or "",
        "TrichYeuHoSo": content.note or "",
        "NgayNopHoSo": _time(case.received_at),
        "NgayTiepNhan": _time(step.received_at),
        "NgayHenTra": _time(case.due_at),
        "TrangThaiHoSo": str(case.status.number),
        "NgayTra": _time(case.returned_at),
        "HinhThuc": "",
        "NgayKetThucXuLy": _time(case.ended_at),
        "DonViXuLy": case.agency.name,
        "NoiNopHoSo": "",
        "TaiLieuNop": [],
        "DanhSachLePhi": [],
        "DanhSachHoSoBoSung": [],
        "DanhSachGiayToKetQua": [],
        "DinhDanhCHS": [],
        "DSKetNoiCSDL": [],
    }


def _progress(item: FeedItem, case: Case, step: Step) -> dict[str, str]:
    return {
        "MaHoSo": item.receipt_number,
        "NguoiXuLy": step.officer or "",
        "ChucDanh": "",
        "ThoiDiemXuLy": _time(item.at),
        "PhongBanXuLy": case.agency.name,
        "NoiDungXuLy": step.note or item.status.label,
        "TrangThai": str(item.status.number),
        "NgayBatDau": _time(item.at),
        "NgayKetThucTheoQuyDinh": _time(case.due_at),
    }


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(VIETNAM_TIME):%Y%m%d%H%M%S}"
