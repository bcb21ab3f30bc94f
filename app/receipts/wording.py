"""The fixed words of the receipt, for the page and for the PDF alike."""

from typing import Final

COUNTRY: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
DESK: Final = "Bộ phận Tiếp nhận và Trả kết quả"
TITLE: Final = "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
DOCUMENT_HEADER: Final = ("TT", "Tên giấy tờ", "Hình thức", "Số bản")
SIGNATURES: Final = ("NGƯỜI NỘP HỒ SƠ", "NGƯỜI TIẾP NHẬN HỒ SƠ")
SIGN_HERE: Final = "(Ký và ghi rõ họ tên)"
TO_FILL_IN: Final = "." * 60
"""A line on paper for what is not known."""

LABELS: Final = {
    "receipt_number": "Mã hồ sơ",
    "counter": "Số",
    "applicant": "Tiếp nhận hồ sơ của",
    "organization": "Tổ chức",
    "address": "Địa chỉ",
    "phone": "Số điện thoại",
    "email": "Email",
    "procedure": "Nội dung yêu cầu giải quyết",
    "documents": "Thành phần hồ sơ nộp gồm",
    "sets": "Số lượng hồ sơ",
    "processing_days": "Thời gian giải quyết hồ sơ theo quy định là",
    "received": "Thời gian nhận hồ sơ",
    "due": "Thời gian trả kết quả giải quyết hồ sơ",
    "return_place": "Đăng ký nhận kết quả tại",
    "register": "Vào Sổ theo dõi hồ sơ, Quyển số",
    "register_entry": "Số thứ tự",
}
"""The form's own labels, by the fields of `ReceiptForm` and what else the form asks for."""
