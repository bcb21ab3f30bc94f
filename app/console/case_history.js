// What happened to a case, oldest first.

import { LOOKUP_KINDS, PAYMENTS, STATUSES, resultWords } from "./case_words.js";
import { showDate } from "./claims.js";
import { button, h, moment, put } from "./dom.js";
import { failurePanel } from "./failures.js";

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

/** Show the first part of a history; `readOn(cursor)` gives the next. */
export function happened(history, readOn) {
  const list = h("ol", { class: "history", tabindex: "-1" }, history.items.map(entry));
  const more = h("div", { class: "stack" });
  const offer = (cursor) => put(more, cursor && h("div", {}, button("Xem thêm", () => show(cursor))));
  const show = async (cursor) => {
    put(more);
    try {
      const next = await readOn(cursor);
      list.append(...next.items.map(entry));
      list.focus({ preventScroll: true });
      offer(next.next_cursor);
    } catch (error) {
      put(more, failurePanel(error, { retry: () => show(cursor) }));
    }
  };
  offer(history.next_cursor);
  return h("section", { class: "card" }, h("h2", {}, "Lịch sử"), list, more);
}

function entry(item) {
  return h(
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
