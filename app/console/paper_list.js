// Giấy tờ nộp kèm: the papers handed in, a row for each.

import { FORMS } from "./case_words.js";
import { button, choice, field, h } from "./dom.js";

export function paperList() {
  const rows = [];
  const list = h("div", { class: "papers" });
  const addRow = (name = "") => {
    const row = {
      name: field("Tên giấy tờ", { value: name, maxlength: 300 }),
      copies: field("Số bản", { type: "number", min: 1, max: 1000, value: "1" }),
      form: choice("Hình thức", Object.entries(FORMS), { value: "original" }),
    };
    const remove = button(
      "Bỏ",
      () => {
        rows.splice(rows.indexOf(row), 1);
        row.element.remove();
        (rows.at(-1)?.name.input ?? add).focus();
      },
      { kind: "quiet", "aria-label": "Bỏ giấy tờ này" },
    );
    row.element = h("div", { class: "paper" }, row.name.element, row.copies.element, row.form.element, remove);
    rows.push(row);
    list.append(row.element);
    return row;
  };
  const add = button("Thêm giấy tờ", () => addRow().name.input.focus(), { symbol: "plus" });
  addRow("Tờ khai");
  return {
    element: h("div", { class: "stack" }, list, h("div", {}, add)),
    read: () =>
      rows
        .filter((row) => row.name.value)
        .map((row) => {
          const copies = Number(row.copies.value);
          row.copies.showError(Number.isInteger(copies) && copies >= 1 && copies <= 1000 ? null : "Từ 1 đến 1000.");
          return { name: row.name.value, copies, form: row.form.value };
        }),
    fieldOf: (pointer) => {
      const place = /^\/documents\/(\d+)\/(\w+)$/.exec(pointer);
      return place && rows.filter((row) => row.name.value)[Number(place[1])]?.[place[2]];
    },
  };
}
