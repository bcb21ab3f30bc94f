// Ai đã tra cứu: who looked at one citizen, when, for what, and what was given.

import { LOOKUP_KINDS, resultWords } from "./case_words.js";
import { numberFault, parseDate } from "./claims.js";
import { button, field, h, moment, put, table } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";

const STATES = {
  answered: ["good", "Đã hỏi CSDL"],
  open: ["unknown", "Đang hỏi"],
  abandoned: ["bad", "Bỏ dở"],
  refused: ["bad", "Bị từ chối"],
  reported: ["unknown", "Thanh tra đọc báo cáo"],
};
const ROLES = {
  claimed: "người được tra cứu",
  head: "chủ hộ",
  member: "thành viên hộ",
  reported: "người trong báo cáo",
};
const DAY_MS = 86_400_000;

export async function show(page, { api }) {
  const number = field("Số định danh hoặc số CMND", { inputmode: "numeric", maxlength: 12, required: true });
  const from = field("Từ ngày", { placeholder: "dd/mm/yyyy" });
  const to = field("Đến hết ngày", { placeholder: "dd/mm/yyyy" });
  const results = h("div", { class: "results", "aria-live": "polite" });
  const more = h("p", { class: "pager" });
  let items = [];
  const load = async (cursor = null) => {
    number.showError(numberFault(number.value));
    if (numberFault(number.value)) return number.input.focus();
    // In the body: a number has no place in an address.
    const body = { id_number: number.value, limit: 50 };
    for (const [name, box, days] of [
      ["from", from, 0],
      ["to", to, 1],
    ]) {
      const day = box.value ? parseDate(box.value) : null;
      box.showError(box.value && day?.length !== 10 ? "Nhập ngày/tháng/năm." : null);
      if (box.value && day?.length !== 10) return box.input.focus();
      if (day) body[name] = new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
    }
    if (cursor) body.cursor = cursor;
    results.setAttribute("aria-busy", "true");
    try {
      const { body: answer } = await api.post("/audit/access-report", body);
      items = cursor === null ? answer.items : [...items, ...answer.items];
      put(results, lookTable(items));
      put(more, answer.next_cursor && button("Xem thêm", () => load(answer.next_cursor)));
    } catch (error) {
      const isShown =
        error.code === "validation-failed" &&
        showFaults(error, (pointer) => ({ "/id_number": number, "/from": from, "/to": to })[pointer]);
      put(results, isShown ? null : failurePanel(error, { retry: () => load(cursor) }));
    } finally {
      results.removeAttribute("aria-busy");
    }
    return undefined;
  };
  put(
    page,
    h("div", { class: "page-head" }, h("h1", {}, "Ai đã tra cứu thông tin của công dân")),
    h(
      "p",
      { class: "hint" },
      "Gồm các lượt tra cứu với tư cách người được tra cứu, chủ hộ hoặc thành viên. Việc xem báo cáo này cũng được ghi lại.",
    ),
    h(
      "form",
      {
        class: "row report-form",
        onsubmit: (event) => {
          event.preventDefault();
          load();
        },
      },
      number.element,
      from.element,
      to.element,
      button("Xem báo cáo", null, { type: "submit", kind: "primary" }),
    ),
    results,
    more,
  );
  number.input.focus();
}

function lookTable(items) {
  return table(
    "Các lượt tra cứu",
    [
      "Thời điểm",
      "Tình trạng",
      "Loại",
      "Với tư cách",
      "Cán bộ",
      "Cơ quan",
      "Thủ tục",
      "Số biên nhận",
      "Kết quả",
      "Trường đã cung cấp",
      "Bản ghi",
    ],
    items.map((one) => {
      const [look, words] = STATES[one.status] ?? ["", one.status];
      return [
        moment(one.at),
        h("span", { class: `badge ${look}` }, words),
        LOOKUP_KINDS[one.lookup_kind],
        one.roles.map((role) => ROLES[role] ?? role).join(", "),
        one.officer ?? one.client,
        one.agency,
        one.procedure_code,
        one.receipt_number && h("span", { class: "number" }, one.receipt_number),
        one.status === "answered" ? resultWords(one.result) : one.status === "refused" ? one.result : null,
        one.fields_given.length
          ? h("details", {}, h("summary", {}, `${one.fields_given.length} trường`), one.fields_given.join(", "))
          : null,
        one.sequences.map((sequence, index) => [
          index ? ", " : "",
          h("a", { href: `#/nhat-ky/${sequence}` }, sequence),
        ]),
      ];
    }),
    { empty: "Không có lượt tra cứu nào." },
  );
}
