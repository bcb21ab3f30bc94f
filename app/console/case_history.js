// What happened to a case, oldest first.

import { LOOKUP_KINDS, PAYMENTS, STATUSES, resultWords } from "./case_words.js";
import { showDate } from "./claims.js";
import { h, moment } from "./dom.js";

const FIELDS = {
  status: "Trạng thái",
  note: "Ghi chú",
  payment_status: "Thanh toán",
  organization_name: "Tên tổ chức",
  field_visit_on: "Ngày thực địa",
  related_url: "Đường dẫn liên quan",
  documents: "Giấy tờ nộp kèm",
  "applicant.phone": "Số điện thoại",
  "applicant.email": "Thư điện tử",
  "applicant.address": "Địa chỉ liên hệ",
  due_at: "Ngày hẹn trả",
};

export function happened(history) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Lịch sử"),
    h(
      "ol",
      { class: "history" },
      history.items.map((item) =>
        h(
          "li",
          {},
          h("span", { class: "when" }, moment(item.at)),
          h(
            "div",
            {},
            item.lookup_id ? `${LOOKUP_KINDS[item.kind]}: ${resultWords(item.result)}` : changed(item),
            item.note && h("p", {}, `“${item.note}”`),
            h("span", { class: "who-did" }, item.officer ?? item.client),
          ),
        ),
      ),
    ),
    history.next_cursor && h("p", { class: "hint" }, `Chỉ hiển thị ${history.items.length} mục đầu tiên.`),
  );
}

function changed(item) {
  const word = (value) => {
    if (value === null) return "trống";
    if (item.field === "status") return STATUSES[value] ?? value;
    if (item.field === "payment_status") return PAYMENTS[value] ?? value;
    if (item.field === "due_at") return moment(value);
    if (item.field === "field_visit_on") return showDate(value);
    return typeof value === "object" ? `${value.length} giấy tờ` : String(value);
  };
  const name = FIELDS[item.field] ?? item.field;
  return item.old === null ? `${name}: ${word(item.new)}` : `${name}: ${word(item.old)} → ${word(item.new)}`;
}
