// What the contract's fields are called on the screen.

const WORDS = {
  full_name: "Họ và tên",
  id_number: "Số CCCD/CMND",
  birth_date: "Ngày sinh",
  head: "Chủ hộ",
  members: "Thành viên",
  purpose: "Lý do tra cứu",
  applicant: "Người nộp",
  phone: "Số điện thoại",
  email: "Thư điện tử",
  address: "Địa chỉ liên hệ",
  other_document: "Giấy tờ khác",
  organization_name: "Tên tổ chức",
  field_visit_on: "Ngày thực địa",
  note: "Ghi chú",
  related_url: "Đường dẫn liên quan",
  documents: "Giấy tờ",
  copies: "Số bản",
  name: "Tên",
  procedure_code: "Thủ tục",
  channel: "Kênh tiếp nhận",
  payment_status: "Thanh toán",
  receipt_number: "Số biên nhận",
  lookup_id: "Mã tra cứu",
  officer: "Cán bộ",
  username: "Tên đăng nhập",
  password: "Mật khẩu",
  roles: "Vai trò",
  agency: "Cơ quan",
  parent: "Cơ quan cấp trên",
  grants: "Cách nhận mã truy cập",
  scopes: "Phạm vi quyền",
  networks: "Mạng được phép",
  secret: "Khóa bí mật",
  jwks: "Khóa công khai",
  level: "Mức độ",
  processing_days: "Số ngày làm việc",
  national_code: "Mã gửi CSDL dân cư",
  lookups: "Tra cứu được phép",
  share_fields: "Thông tin được nhận",
  from: "Từ ngày",
  to: "Đến hết ngày",
  received_from: "Nhận từ ngày",
  received_to: "Đến hết ngày",
};

/** Name what a pointer (/members/2/id_number) or a parameter's name means; empty where there are no words for it. */
export function fieldWords(pointer) {
  const named = [];
  for (const part of pointer.split("/").filter(Boolean)) {
    if (/^\d+$/.test(part) && named.length) named[named.length - 1] += ` ${Number(part) + 1}`;
    else if (Object.hasOwn(WORDS, part)) named.push(WORDS[part]);
  }
  return named.join(" – ");
}
