"""Asks the simulator by hand: no line of the service's own wire or channel is in here."""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from html import escape
from typing import Any, Final
from uuid import uuid4

import httpx
from lxml import etree

from tests.simulators import RunningSimulator

SHARE: Final = "TraCuuThongTinCongDan"
VERIFY: Final = "XacThucThongTinCongDan"
HOUSEHOLD: Final = "XacMinhThongTinChuHo"
CODES: Final = {VERIFY: "003", SHARE: "037", HOUSEHOLD: "038"}

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
ANSWER: Final = "{http://www.mic.gov.vn/dancu/1.0}"

Element = tuple[str, "str | list[Element]"]


def elements(operation: str = SHARE, *, number: str = "100190000001", **texts: str) -> list[Element]:
    """List the elements of a good question about Ngọc, or whom `number` and `texts` tell."""
    return [
        ("MaYeuCau", str(uuid4())),
        ("MaDVC", "1.004194"),
        ("MaTichHop", CODES[operation]),
        ("MaCanBo", "100185000901"),
        ("MaDonVi", "H24.15"),
        (_number_name(number), number),
        ("HoVaTen", texts.get("name", "NGUYỄN THỊ MINH NGỌC")),
        ("NgayThangNamSinh", [_date(texts.get("born", "19900730"))]),
        *([members()] if operation == HOUSEHOLD else []),
    ]


def _number_name(number: str) -> str:
    return "SoCMND" if len(number) == 9 else "SoDinhDanh"


def _date(born: str) -> Element:
    return ("Nam" if len(born) == 4 else "NgayThangNam", born)


def members(*numbers: str) -> Element:
    """List a household's members."""
    return ("DanhSachThanhVien", [("ThanhVien", [(_number_name(number), number)]) for number in numbers])


def changed(listed: list[Element], **values: "str | list[Element] | None") -> list[Element]:
    """Change elements, or leave out those that become None."""
    new = [(name, values.get(name, value)) for name, value in listed]
    return [(name, value) for name, value in new if value is not None]


def envelope(
    listed: list[Element], operation: str = SHARE, *, namespace: str = "http://dancuquocgia.bca"
) -> bytes:
    """Put a question's elements into an envelope."""
    inside = "".join(_written(element) for element in listed)
    return (
        f'<soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns:dan="{namespace}"><soapenv:Header/>'
        f"<soapenv:Body><dan:{operation}>{inside}</dan:{operation}></soapenv:Body></soapenv:Envelope>"
    ).encode()


def _written(element: Element) -> str:
    name, value = element
    inside = escape(value) if isinstance(value, str) else "".join(map(_written, value))
    return f"<dan:{name}>{inside}</dan:{name}>"


def signature(url: str, username: str, timestamp: str, secret: str) -> str:
    """Make the Authorization of a direct call."""
    digest = hashlib.sha256(f"{url}{username}{timestamp}{secret}".encode()).hexdigest()
    return f"Basic {base64.b64encode(f'{username}:{digest}'.encode()).decode()}"


def signed(simulator: RunningSimulator, *, at: float | None = None, **changes: str) -> dict[str, str]:
    """Make the headers of a direct call; `changes` are what the signature is made over instead."""
    settings = simulator.settings | changes
    timestamp = str(int((time.time() if at is None else at) * 1000))
    return {
        "Content-Type": "application/xml",
        "Timestamp": timestamp,
        "Authorization": signature(
            settings["npd_url"], settings["npd_username"], timestamp, settings["npd_secret"]
        ),
    }


def partner(simulator: RunningSimulator, **changes: str) -> str:
    """Make the header lgspaccesstoken."""
    names = {
        "AccessKey": "npd_access_key",
        "SecretKey": "npd_secret_key",
        "AppName": "npd_app_name",
        "PartnerCode": "npd_partner_code",
        "PartnerCodeCus": "npd_partner_code_cus",
    }
    keys = {name: simulator.settings[setting] for name, setting in names.items()} | changes
    return base64.b64encode(json.dumps(keys).encode()).decode()


def grant(simulator: RunningSimulator, **changes: Any) -> httpx.Response:
    """Ask for an access token."""
    settings = simulator.settings
    asked: dict[str, Any] = {
        "data": {"grant_type": "client_credentials"},
        "auth": (settings["npd_client_id"], settings["npd_client_secret"]),
        "headers": {"lgspaccesstoken": partner(simulator)},
    }
    return httpx.post(settings["npd_token_url"], **{**asked, **changes}, trust_env=False)


def bearer(simulator: RunningSimulator, content_type: str = "application/xml") -> dict[str, str]:
    """Make the headers of a call through an LGSP, with a token of its own."""
    return {
        "Content-Type": content_type,
        "Authorization": f"Bearer {grant(simulator).raise_for_status().json()['access_token']}",
        "lgspaccesstoken": partner(simulator),
    }


def post(
    simulator: RunningSimulator,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    path: str = "",
    timeout: float = 10,
) -> httpx.Response:
    """Send a question; signed for a direct call unless `headers` are given."""
    url = simulator.settings["npd_url"] + path
    told = signed(simulator) if headers is None else headers
    return httpx.post(url, content=body, headers=told, timeout=timeout, trust_env=False)


def ask(
    simulator: RunningSimulator, operation: str = SHARE, listed: list[Element] | None = None
) -> "etree._Element":
    """Send a good question, and return what is in the body of its answer."""
    answer = post(simulator, envelope(listed or elements(operation), operation))
    assert answer.status_code == 200
    return in_body(answer)


def in_body(answer: httpx.Response) -> "etree._Element":
    """Return what is in the body of an answer."""
    found = etree.fromstring(answer.content).find(f"{{{ENVELOPE}}}Body")
    assert found is not None
    assert len(found) == 1
    return found[0]


def names(element: "etree._Element | None") -> list[str]:
    """List the names of an element's children."""
    assert element is not None
    return [str(child.tag).removeprefix(ANSWER) for child in element]


def text(element: "etree._Element", path: str) -> str | None:
    """Return the text under a path; None for an empty or a missing element."""
    found = element.find("/".join(ANSWER + name for name in path.split("/")))
    return None if found is None else found.text


def fault(answer: httpx.Response) -> str:
    """Return the text of a fault."""
    found = in_body(answer).findtext("faultstring")
    assert found is not None
    return found
