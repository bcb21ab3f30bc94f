// Xác nhận chủ hộ: the head of a household and the list of those said to be its members.

import { numberFault } from "./claims.js";
import { button, field, h, icon, openDialog, put } from "./dom.js";
import { showFaults } from "./failures.js";
import { asking, claimFields, onlyKnown, outcome, source, warnings, WHOLE_CLAIM } from "./lookup_pieces.js";

const MOST_MEMBERS = 50;
const MEMBER_BADGES = { member: ["good", "check"], not_member: ["fair", "cross"], unknown: ["unknown", "question"] };
const HEAD_MEANINGS = {
  confirmed: "Kết quả từng thành viên ở danh sách phía trên.",
  not_head: "Người này có trong CSDL nhưng không phải chủ hộ, nên chưa xác định được các thành viên.",
  not_found: WHOLE_CLAIM,
};

/** Xác nhận chủ hộ: is this the head, and who belongs to the household? */
export function openHouseholdDialog({ root = document, api, purpose, claim, members = [], onAnswer = () => {} }) {
  const dialog = openDialog(root, "Xác nhận chủ hộ", { wide: true });
  const head = claimFields(claim, "Họ và tên chủ hộ");
  const list = h("div", { class: "members" });
  const rows = [];
  const place = h("div", { class: "stack", "aria-live": "polite" });
  const number = () =>
    rows.forEach((row, index) => {
      row.place.textContent = `${index + 1}.`;
      row.remove.setAttribute("aria-label", `Bỏ thành viên ${index + 1}`);
      row.box.input.setAttribute("aria-label", `Số CCCD/CMND thành viên ${index + 1}`);
    });
  const addRow = (value = "") => {
    const box = field("", { inputmode: "numeric", maxlength: 12, value });
    const row = { box, place: h("span", {}), badge: h("span", {}) };
    row.remove = button(
      "Bỏ",
      () => {
        rows.splice(rows.indexOf(row), 1);
        row.element.remove();
        number();
        add.disabled = false;
        (rows.at(-1)?.box.input ?? add).focus();
      },
      { kind: "quiet" },
    );
    box.input.addEventListener("input", () => put(row.badge));
    box.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (row === rows.at(-1) && rows.length < MOST_MEMBERS) addRow();
      rows[rows.indexOf(row) + 1]?.box.input.focus();
    });
    row.error = box.element.querySelector(".error");
    row.element = h("div", { class: "member" }, row.place, box.input, row.remove, row.badge, row.error);
    rows.push(row);
    list.append(row.element);
    number();
    add.disabled = rows.length >= MOST_MEMBERS;
    return row;
  };
  const add = button("Thêm thành viên", () => addRow().box.input.focus(), { symbol: "plus" });
  for (const member of members.length ? members : [""]) addRow(member);
  const wanted = () => {
    const filled = rows.filter((row) => row.box.value);
    for (const row of filled) {
      const twice = filled.some((other) => other !== row && other.box.value === row.box.value);
      row.box.showError(numberFault(row.box.value) ?? (twice ? "Số này bị lặp lại." : null));
    }
    if (!filled.length)
      rows[0]
        ? rows[0].box.showError("Nhập ít nhất một thành viên.")
        : addRow().box.showError("Nhập ít nhất một thành viên.");
    const checked = head.read();
    const wrong = dialog.element.querySelector("[aria-invalid]");
    if (checked === null || wrong) {
      wrong?.focus();
      return null;
    }
    return {
      filled,
      body: { ...purpose, head: checked, members: filled.map((row) => ({ id_number: row.box.value })) },
    };
  };
  let asked = [];
  const ask = asking(
    place,
    () => {
      const now = wanted();
      if (now === null) return null;
      asked = now.filled;
      rows.forEach((row) => put(row.badge));
      form.inert = true;
      return api.post("/verify/household-head", now.body).finally(() => {
        form.inert = false;
      });
    },
    (answer) => {
      onlyKnown([answer.head.result], Object.keys(HEAD_MEANINGS));
      onlyKnown(
        answer.members.map((member) => member.result),
        Object.keys(MEMBER_BADGES),
      );
      const confirmed = answer.head.result === "confirmed";
      put(
        place,
        outcome(confirmed, answer.head.message, HEAD_MEANINGS[answer.head.result]),
        warnings(answer),
        source(answer),
      );
      for (const member of answer.members) {
        const [kind, symbol] = MEMBER_BADGES[member.result];
        put(
          asked[member.position - 1].badge,
          h("span", { class: `badge ${kind}`, "data-result": member.result }, icon(symbol), ` ${member.message}`),
        );
      }
      onAnswer("household-head", answer);
    },
    (error) =>
      showFaults(
        error,
        (pointer) =>
          head.fieldOf(pointer.replace("/head", "")) ?? asked[Number(/^\/members\/(\d+)/.exec(pointer)?.[1])]?.box,
      ),
  );
  // What was said of one head is not true of another; while it is asked, nobody becomes another.
  head.element.addEventListener("input", () => {
    put(place);
    rows.forEach((row) => put(row.badge));
  });
  const form = h(
    "div",
    { class: "stack" },
    h("section", { class: "stack" }, h("h3", {}, "Chủ hộ"), head.element),
    h("section", { class: "stack" }, h("h3", {}, "Danh sách thành viên"), list, h("div", {}, add)),
  );
  put(dialog.body, form, place);
  put(
    dialog.foot,
    button("Đóng", dialog.close),
    button("Xác thực thông tin", ask, { kind: "primary", symbol: "home" }),
  );
  return dialog;
}
