// Giấy tờ nộp kèm: the papers handed in, a row for each.

import { FORMS } from "./case_words.js";
import { button, choice, field, h } from "./dom.js";

/** Make the rows of `papers`; a new case begins with the form itself. */
export function paperList(papers = [{ name: "Tờ khai", copies: 1, form: "original" }]) {
  const rows = [];
  const list = h("div", { class: "papers" });
  const addRow = ({ name, copies, form } = { name: "", copies: 1, form: "original" }) => {
    const row = {
      name: field("Tên giấy tờ", { value: name, maxlength: 300 }),
      copies: field("Số bản", { type: "number", min: 1, max: 1000, value: String(copies) }),
      form: choice("Hình thức", Object.entries(FORMS), { value: form }),
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
  papers.forEach((paper) => addRow(paper));
  const typed = () => JSON.stringify(rows.map((row) => [row.name.value, row.copies.value, row.form.value]));
  const before = typed();
  return {
    element: h("div", { class: "stack" }, list, h("div", {}, add)),
    read: () => {
      for (const row of rows) {
        const copies = Number(row.copies.value);
        const isRight = !row.name.value || (Number.isInteger(copies) && copies >= 1 && copies <= 1000);
        row.copies.showError(isRight ? null : "Từ 1 đến 1000.");
      }
      return rows
        .filter((row) => row.name.value)
        .map((row) => ({ name: row.name.value, copies: Number(row.copies.value), form: row.form.value }));
    },
    isTouched: () => typed() !== before,
    fieldOf: (pointer) => {
      const place = /^\/documents\/(\d+)\/(\w+)$/.exec(pointer);
      return place && rows.filter((row) => row.name.value)[Number(place[1])]?.[place[2]];
    },
  };
}
