"""A register that costs next to nothing: always the same record, after the delay that its path tells.

    python -m benchmarks.lean_upstream

listens on a free port of the loopback, writes the port on a line, and serves until its standard input ends.
`POST /50` is answered after 50 ms, whatever is asked. The record is of nobody who lives.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

import uvloop

_ADDRESS: Final = (
    "<MaTinhThanh>31</MaTinhThanh><MaQuanHuyen>303</MaQuanHuyen><MaPhuongXa>11311</MaPhuongXa>"
    "<ChiTiet>Tổ 5</ChiTiet><QuocGia>VN</QuocGia>"
)
_RECORD: Final = (
    "<SoDinhDanh>100190000001</SoDinhDanh><SoCMND>000000101</SoCMND>"
    "<HoVaTen><Ho/><ChuDem/><Ten>NGUYỄN THỊ MINH NGỌC</Ten></HoVaTen><GioiTinh>2</GioiTinh>"
    "<DanToc>01</DanToc><TonGiao>00</TonGiao><TinhTrangHonNhan>2</TinhTrangHonNhan><NhomMau>00</NhomMau>"
    "<NgayThangNamSinh><Nam/><NgayThangNam>19900730</NgayThangNam></NgayThangNamSinh><QuocTich>VN</QuocTich>"
    f"<NoiDangKyKhaiSinh>{_ADDRESS}</NoiDangKyKhaiSinh><QueQuan>{_ADDRESS}</QueQuan>"
    f"<ThuongTru>{_ADDRESS}</ThuongTru><NoiOHienTai>{_ADDRESS}</NoiOHienTai>"
    "<Cha><HoVaTen>NGUYỄN VĂN ĐỨC</HoVaTen><QuocTich>VN</QuocTich><SoCMND>000000104</SoCMND></Cha>"
    "<Me><HoVaTen/><QuocTich/></Me>"
    "<ChuHo><QuanHe>01</QuanHe><SoDinhDanh>100190000001</SoDinhDanh>"
    "<HoVaTen>NGUYỄN THỊ MINH NGỌC</HoVaTen></ChuHo>"
)
_BODY: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
    '<r:Answer xmlns:r="http://www.mic.gov.vn/dancu/1.0" xmlns="http://www.mic.gov.vn/dancu/1.0">'
    f"<CongdanCollection><CongDan>{_RECORD}</CongDan></CongdanCollection>"
    "</r:Answer></S:Body></S:Envelope>"
).encode()
_ANSWER: Final = (
    f"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {len(_BODY)}\r\n\r\n"
).encode() + _BODY
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


class _Connection(asyncio.Protocol):
    """One kept connection of a client that asks one question at a time and tells its length."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # uvloop's transports have the interface without being instances of it.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer once the question is whole, when its time has come."""
        self._received += data
        head, end, body = self._received.partition(_END_OF_HEAD)
        if not end or len(body) < _length(head):
            return
        self._received = b""
        delay_ms = int(head.split(b" ", 2)[1].strip(b"/"))
        if delay_ms:
            asyncio.get_running_loop().call_later(delay_ms / 1000, self._answer)
        else:
            self._answer()

    def _answer(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_ANSWER)


def _length(head: bytes) -> int:
    lowered = head.lower()
    return int(lowered[lowered.index(_LENGTH) + len(_LENGTH) :].split(b"\r\n", 1)[0])


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@contextmanager
def running_upstream() -> Iterator[str]:
    """Run it as a process of its own; give its address, to which a path with the delay in ms is added."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.lean_upstream"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    # Leaving closes its standard input and waits for its end.
    with process:
        if process.stdout is None or not (port := process.stdout.readline().strip()):
            raise RuntimeError("the upstream did not start")
        yield f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve())
