// Ai đã tra cứu: who looked at one citizen, when, for what, and what was given.

import { LOOKUP_KINDS, resultWords } from "./case_words.js";
import { numberFault } from "./claims.js";
import { dayField } from "./day_field.js";
import { button, field, h, moment, put, table } from "./dom.js";
import { failureTitle, showFaults } from "./failures.js";
import { longList } from "./long_list.js";

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

export async function show(page, { api }) {
  const number = field("Số định danh hoặc số CMND", { inputmode: "numeric", maxlength: 12, required: true });
  const from = dayField("Từ ngày");
  const to = dayField("Đến hết ngày", { isEnd: true });
  const fieldOf = (pointer) => ({ "/id_number": number, "/from": from, "/to": to })[pointer];
  const list = longList(
    // In the body: a number has no place in an address.
    ({ wanted }, cursor) => api.post("/audit/access-report", cursor ? { ...wanted, cursor } : wanted),
    (items, { words }) => [h("p", { class: "note" }, words), lookTable(items)],
    { onFault: (error) => error.code === "validation-failed" && showFaults(error, fieldOf) },
  );
  const submit = () => {
    const fault = numberFault(number.value);
    number.showError(fault);
    const span = { from: from.day(), to: to.day() };
    // What stands there is of another number or span.
    if (fault || Object.values(span).includes(undefined)) {
      list.clear();
      if (fault) number.input.focus();
      return;
    }
    const wanted = { id_number: number.value, limit: 50 };
    for (const [name, day] of Object.entries(span)) if (day) wanted[name] = day;
    const days = [from.value && ` từ ${from.value}`, to.value && ` đến hết ${to.value}`].filter(Boolean).join("");
    list.load({ wanted, words: `Các lượt tra cứu công dân có số ${masked(number.value)}${days}.` });
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
          submit();
        },
      },
      number.element,
      from.element,
      to.element,
      button("Xem báo cáo", null, { type: "submit", kind: "primary" }),
    ),
    list.results,
    list.more,
  );
  number.input.focus();
}

// As the service masks: the first three digits and the last.
function masked(number) {
  return `${number.slice(0, 3)}${"*".repeat(number.length - 4)}${number.slice(-1)}`;
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
        resultOf(one),
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

function resultOf(one) {
  if (one.status === "answered") return resultWords(one.result);
  return one.status === "refused" ? failureTitle(one.result) : null;
}
