// The three lookups of the form, each a dialog. The console and the embeddable elements open the same ones.

import { birthDateFault, numberFault, nameFault, parseDate, showDate, upperName } from "./claims.js";
import { recordView, fillable } from "./citizen_record.js";
import { button, facts, field, h, icon, moment, openDialog, put } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";

const MOST_MEMBERS = 50;
const MEMBER_BADGES = { member: ["good", "check"], not_member: ["fair", "cross"], unknown: ["unknown", "question"] };

/**
 * What a dialog needs: `root` it opens in (the document or a shadow root), `api`, `purpose` (procedure_code,
 * receipt_number), `claim` and `onAnswer(kind, answer)`, which hears of each answer of the register.
 */

/** Xác nhận CCCD-CMND: does this person exist? */
export function openIdCardDialog({ root = document, api, purpose, claim, onAnswer = () => {} }) {
  const dialog = openDialog(root, "Xác nhận CCCD-CMND");
  const place = h("div", { class: "stack", "aria-live": "polite" });
  put(dialog.body, claimFacts(claim), place);
  const ask = asking(place, () => api.post("/verify/id-card", { ...purpose, ...claim }), (answer) => {
    const exists = answer.result === "exists";
    put(place, outcome(exists, answer.message, exists ? "Họ tên, số và ngày sinh khớp với CSDL quốc gia về dân cư." : WHOLE_CLAIM), warnings(answer), source(answer));
    onAnswer("id-card", answer);
  });
  put(dialog.foot, button("Đóng", dialog.close), button("Xác thực thông tin", ask, { kind: "primary", symbol: "check", autofocus: true }));
  return dialog;
}

/** Kiểm tra thông tin: the record, as far as the procedure may have it. `onFill(values, answer)` fills the form. */
export function openShareDialog({ root = document, api, purpose, claim, onAnswer = () => {}, onFill = null }) {
  const dialog = openDialog(root, "Kiểm tra thông tin công dân", { wide: true });
  const place = h("div", { class: "stack", "aria-live": "polite" });
  put(dialog.body, claimFacts(claim), place);
  const foot = (...more) => put(dialog.foot, button("Đóng", dialog.close), button("Kết nối thông tin", ask, { kind: more.length ? "" : "primary", symbol: "record" }), more);
  const ask = asking(place, () => api.post("/citizens/share", { ...purpose, ...claim }), (answer) => {
    const found = answer.result === "found";
    put(place, outcome(found, found ? "Công dân tồn tại" : "Công dân không tồn tại", found ? "Dưới đây là thông tin mà thủ tục được nhận." : WHOLE_CLAIM), warnings(answer), found ? recordView(answer) : null, source(answer));
    onAnswer("citizen-share", answer);
    if (!found || onFill === null) return foot();
    const fill = button("Điền vào hồ sơ", () => { dialog.close(); onFill(fillable(answer), answer); }, { kind: "primary", symbol: "lock" });
    foot(fill);
    return fill.focus();
  });
  foot();
  return dialog;
}

/** Xác nhận chủ hộ: is this the head, and who belongs to the household? */
export function openHouseholdDialog({ root = document, api, purpose, claim, members = [], onAnswer = () => {} }) {
  const dialog = openDialog(root, "Xác nhận chủ hộ", { wide: true });
  const head = claimFields(claim, "Họ và tên chủ hộ");
  const list = h("div", { class: "members" });
  const rows = [];
  const place = h("div", { class: "stack", "aria-live": "polite" });
  const number = () => rows.forEach((row, index) => { row.place.textContent = `${index + 1}.`; row.remove.setAttribute("aria-label", `Bỏ thành viên ${index + 1}`); row.box.input.setAttribute("aria-label", `Số CCCD/CMND thành viên ${index + 1}`); });
  const addRow = (value = "") => {
    const box = field("", { inputmode: "numeric", maxlength: 12, value });
    const row = { box, place: h("span", {}), badge: h("span", {}) };
    row.remove = button("Bỏ", () => {
      rows.splice(rows.indexOf(row), 1);
      row.element.remove();
      number();
      add.disabled = false;
      (rows.at(-1)?.box.input ?? add).focus();
    }, { kind: "quiet" });
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
    if (!filled.length) rows[0] ? rows[0].box.showError("Nhập ít nhất một thành viên.") : addRow().box.showError("Nhập ít nhất một thành viên.");
    const checked = head.read();
    const wrong = dialog.element.querySelector("[aria-invalid]");
    if (checked === null || wrong) {
      wrong?.focus();
      return null;
    }
    return { filled, body: { ...purpose, head: checked, members: filled.map((row) => ({ id_number: row.box.value })) } };
  };
  let asked = [];
  const ask = asking(
    place,
    () => {
      const now = wanted();
      if (now === null) return null;
      asked = now.filled;
      rows.forEach((row) => put(row.badge));
      return api.post("/verify/household-head", now.body);
    },
    (answer) => {
      const confirmed = answer.head.result === "confirmed";
      put(place, outcome(confirmed, answer.head.message, HEAD_MEANINGS[answer.head.result]), warnings(answer), source(answer));
      for (const member of answer.members) {
        const [kind, symbol] = MEMBER_BADGES[member.result];
        put(asked[member.position - 1].badge, h("span", { class: `badge ${kind}`, "data-result": member.result }, icon(symbol), ` ${member.message}`));
      }
      onAnswer("household-head", answer);
    },
    (error) => showFaults(error, (pointer) => head.fieldOf(pointer.replace("/head", "")) ?? asked[Number(/^\/members\/(\d+)/.exec(pointer)?.[1])]?.box),
  );
  put(dialog.body,
    h("section", { class: "stack" }, h("h3", {}, "Chủ hộ"), head.element),
    h("section", { class: "stack" }, h("h3", {}, "Danh sách thành viên"), list, h("div", {}, add)),
    place);
  put(dialog.foot, button("Đóng", dialog.close), button("Xác thực thông tin", ask, { kind: "primary", symbol: "home" }));
  return dialog;
}

const WHOLE_CLAIM = "Họ tên, số và ngày sinh phải khớp cả ba; hệ thống không cho biết mục nào sai. Hãy đối chiếu lại với giấy tờ.";
const HEAD_MEANINGS = {
  confirmed: "Kết quả từng thành viên ở danh sách phía trên.",
  not_head: "Người này có trong CSDL nhưng không phải chủ hộ, nên chưa xác định được các thành viên.",
  not_found: WHOLE_CLAIM,
};

/** The three fields of a claim; `read` gives the claim, or null after showing what is wrong. */
export function claimFields(claim, nameLabel = "Họ và tên") {
  const name = field(nameLabel, { value: claim.full_name ?? "", required: true });
  const number = field("Số CCCD/CMND", { value: claim.id_number ?? "", inputmode: "numeric", maxlength: 12, required: true });
  const birth = field("Ngày sinh", { value: showDate(claim.birth_date) ?? "", placeholder: "dd/mm/yyyy", hint: "Hoặc mm/yyyy, hoặc yyyy.", required: true });
  name.input.addEventListener("change", () => { name.input.value = upperName(name.value); });
  const read = () => {
    name.showError(nameFault(name.value));
    number.showError(numberFault(number.value));
    birth.showError(birthDateFault(birth.value));
    if (nameFault(name.value) || numberFault(number.value) || birthDateFault(birth.value)) return null;
    return { full_name: upperName(name.value), id_number: number.value, birth_date: parseDate(birth.value) };
  };
  const fieldOf = (pointer) => ({ "/full_name": name, "/id_number": number, "/birth_date": birth })[pointer];
  return { name, number, birth, read, fieldOf, element: h("div", { class: "grid" }, name.element, number.element, birth.element) };
}

function claimFacts(claim) {
  return facts([["Họ và tên", claim.full_name], ["Số CCCD/CMND", claim.id_number], ["Ngày sinh", showDate(claim.birth_date)]]);
}

/** One request at a time: shows waiting, then the answer or the failure. `onFault` may take a 422 away. */
function asking(place, request, onAnswer, onFault = () => false) {
  let isAsking = false;
  const ask = async () => {
    if (isAsking) return;
    const pending = request();
    if (pending === null) return;
    isAsking = true;
    const waited = h("span", {}, "Đang hỏi CSDL quốc gia về dân cư…");
    const began = Date.now();
    const tick = setInterval(() => { waited.textContent = `Đang hỏi CSDL quốc gia về dân cư… ${Math.round((Date.now() - began) / 1000)} giây`; }, 1000);
    put(place, h("p", { class: "waiting", role: "status" }, icon("wait"), waited));
    try {
      const { body } = await pending;
      onAnswer(body);
    } catch (error) {
      put(place, error.code === "validation-failed" && onFault(error) ? null : failurePanel(error, { retry: ask }));
    } finally {
      clearInterval(tick);
      isAsking = false;
      place.firstElementChild?.scrollIntoView({ block: "nearest" });
    }
  };
  return ask;
}

function outcome(isYes, title, meaning) {
  return h("div", { class: `outcome ${isYes ? "yes" : "no"}`, role: "status", "data-result": isYes ? "yes" : "no" },
    icon(isYes ? "check" : "cross"),
    h("div", {}, h("p", { class: "kind" }, "Kết quả từ CSDL quốc gia về dân cư"), h("p", { class: "title" }, title), h("p", {}, meaning)));
}

function warnings(answer) {
  return answer.warnings.length ? h("div", { class: "warnings" }, answer.warnings.map((one) => h("p", {}, icon("warn"), one.message))) : null;
}

function source(answer) {
  return h("p", { class: "source" }, `Trả lời lúc ${moment(answer.source.answered_at, { seconds: true })} · nhật ký số ${answer.audit.sequence}`, answer.source.is_test_data && " · dữ liệu thử nghiệm, người không có thật");
}
