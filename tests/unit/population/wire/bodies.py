"""Answers of an invented register, by hand: people and numbers that nobody has."""

from typing import Final

from app.adapters.population.upstream import Wire
from app.adapters.population.wire.labels import Labels
from app.adapters.population.wire.profiles import wire_for
from app.settings.npd import NpdProfile
from app.settings.settings import Settings

ADDRESS: Final = (
    "<MaTinhThanh>31</MaTinhThanh><MaQuanHuyen>{district}</MaQuanHuyen><MaPhuongXa>11311</MaPhuongXa>"
    "<ChiTiet>Tổ 5</ChiTiet><QuocGia>VN</QuocGia>"
)
RECORD: Final = (
    "<SoDinhDanh>100190000001</SoDinhDanh><SoCMND>000000101</SoCMND>"
    "<HoVaTen><Ho/><ChuDem/><Ten>NGUYỄN THỊ MINH NGỌC</Ten></HoVaTen>"
    "<GioiTinh>2</GioiTinh><DanToc>1</DanToc><TonGiao>77</TonGiao><TinhTrangHonNhan>2</TinhTrangHonNhan>"
    "<NhomMau>00</NhomMau><NgayThangNamSinh><Nam/><NgayThangNam>19900730</NgayThangNam></NgayThangNamSinh>"
    "<QuocTich></QuocTich>"
    f"<QueQuan>{ADDRESS.format(district='303')}</QueQuan><ThuongTru>{ADDRESS.format(district='')}</ThuongTru>"
    "<NoiOHienTai><MaTinhThanh/><ChiTiet/></NoiOHienTai>"
    "<Cha><HoVaTen>NGUYỄN VĂN ĐỨC</HoVaTen><QuocTich>VN</QuocTich><SoDinhDanh/>"
    "<SoCMND>000000104</SoCMND></Cha>"
    "<Me><HoVaTen/><QuocTich/></Me>"
    "<ChuHo><QuanHe>CH01</QuanHe><SoDinhDanh>100190000001</SoDinhDanh><SoCMND/>"
    "<HoVaTen>NGUYỄN THỊ MINH NGỌC</HoVaTen></ChuHo><TrangThaiCongDan>7</TrangThaiCongDan>"
)
RECORD_B: Final = (
    '<CongDan Id="x"><SoDinhDanh>100190000001</SoDinhDanh>'
    "<HoVaTen><Ho>NGUYỄN</Ho><ChuDem>THỊ MINH</ChuDem><Ten>NGỌC</Ten></HoVaTen><GioiTinh>02</GioiTinh>"
    "<DanToc><MaDanToc>01</MaDanToc><TenGoiKhac>Việt</TenGoiKhac></DanToc>"
    "<NgayThangNamSinh><Nam>1990</Nam></NgayThangNamSinh>"
    "<QueQuan><ChiTiet/><MaDonViHanhChinh>303</MaDonViHanhChinh><QuocGia>VN</QuocGia></QueQuan>"
    "<ThuongTru><MaDonViHanhChinh>11311</MaDonViHanhChinh></ThuongTru>"
    "<NoiOHienTai><MaDonViHanhChinh>31</MaDonViHanhChinh></NoiOHienTai>"
    "<Cha><HoVaTen><Ho>NGUYỄN</Ho><ChuDem>VĂN</ChuDem><Ten>ĐỨC</Ten></HoVaTen></Cha></CongDan>"
)


def soap(content: str, *, namespace: str = "http://www.mic.gov.vn/dancu/1.0") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
        f'<r:Answer xmlns:r="{namespace}" xmlns="{namespace}">{content}</r:Answer></S:Body></S:Envelope>'
    ).encode()


def collection(*records: str) -> bytes:
    people = "".join(f"<CongDan>{record}</CongDan>" for record in records)
    return soap(f"<CongdanCollection>{people}</CongdanCollection>")


def make_wire(profile: NpdProfile = "ndxp-soap", *, labels: Labels | None = None, **settings: str) -> Wire:
    values: dict[str, object] = {
        "npd_profile": profile,
        "npd_url": "http://127.0.0.1:9/dancu",
        "npd_username": "motcua",
        "npd_secret": "x",
        "npd_token_url": "http://127.0.0.1:9/token",
        "npd_client_id": "x",
        "npd_client_secret": "x",
    }
    return wire_for(Settings.model_validate(values | settings), labels or Labels())
