// Người nộp hồ sơ: who hands the case in, with the three buttons that ask the register about him.

import { birthDateFault, nameFault, parseCardCode, parseDate, showDate, upperName } from "./claims.js";
import { button, field, h, icon, put } from "./dom.js";
import { openHouseholdDialog } from "./household_dialog.js";
import { openIdCardDialog, openShareDialog } from "./lookup_dialogs.js";
import { claimFields } from "./lookup_pieces.js";

const KEYS = { F2: "id-card", F4: "citizen-share", F8: "household-head" };
const NOT_ALLOWED = "Thủ tục này không cho phép loại tra cứu này.";

export function applicantCard({ api, purpose, mayAsk, beforeAsking, onAnswer }) {
  const claim = claimFields({}, "Họ và tên người nộp");
  const phone = field("Số điện thoại", { type: "tel", maxlength: 30 });
  const email = field("Thư điện tử", { type: "email", maxlength: 254 });
  const address = field("Địa chỉ liên hệ", { maxlength: 500, wide: true });
  const other = field("Giấy tờ khác", {
    maxlength: 100,
    hint: "Hộ chiếu hoặc giấy tờ khác của người không có số định danh.",
    placeholder: "Ví dụ: Hộ chiếu C0000001",
  });
  const hasOther = h("input", { type: "checkbox" });
  const scan = field("Mã QR trên thẻ CCCD", {
    wide: true,
    hint: "Đặt con trỏ vào đây rồi quét thẻ bằng đầu đọc, hoặc dán nội dung mã QR.",
  });
  const standing = h("div", { class: "standing", "aria-live": "polite" });
  const lockLine = h("p", { class: "lock-line", hidden: true });
  const fillables = { full_name: claim.name, id_number: claim.number, birth_date: claim.birth, address };
  let head = null;
  let isLocked = false;

  const setLock = (names) => {
    isLocked = names.length > 0;
    for (const [name, one] of Object.entries(fillables)) {
      one.input.readOnly = names.includes(name);
      one.element.classList.toggle("locked", names.includes(name));
    }
    scan.input.disabled = isLocked;
    scan.showError(null);
    hasOther.disabled = isLocked;
    lockLine.hidden = !isLocked;
    put(
      lockLine,
      isLocked && [
        icon("lock"),
        "Đã điền từ CSDL quốc gia về dân cư và khóa lại.",
        button(
          "Mở khóa để sửa",
          () => {
            setLock([]);
            forget();
            claim.name.input.focus();
          },
          { kind: "quiet" },
        ),
      ],
    );
  };
  const forget = () => {
    head = null;
    put(standing);
  };
  // What was said of one claim is not true of another.
  for (const one of [claim.name, claim.number, claim.birth]) one.input.addEventListener("input", forget);

  const typed = () => ({
    full_name: upperName(claim.name.value),
    id_number: claim.number.value,
    birth_date: parseDate(claim.birth.value),
  });
  // An answer may come after its dialog was closed, and another person typed or another procedure chosen meanwhile.
  const listener = (why) => {
    const asked = JSON.stringify([typed(), why]);
    return (kind, answer) => {
      if (asked === JSON.stringify([typed(), purpose()])) stand(kind, answer);
      onAnswer(kind, answer, why);
    };
  };
  const stand = (kind, answer) => {
    const [isGood, words] = summary(kind, answer);
    standing.querySelector(`[data-kind="${kind}"]`)?.remove();
    standing.append(
      h("p", { "data-kind": kind, class: `note ${isGood ? "good" : "fair"}` }, icon(isGood ? "check" : "cross"), words),
    );
  };
  const onFill = (values) => {
    const filled = [];
    for (const [name, one] of Object.entries(fillables)) {
      if (!values[name]) continue;
      one.input.value = name === "birth_date" ? showDate(values[name]) : values[name];
      one.showError(null);
      filled.push(name);
    }
    head = values.household_head;
    setLock(filled);
    phone.input.focus();
  };
  const open = (kind) => {
    if (!beforeAsking()) return;
    const why = purpose();
    const common = { api, purpose: why, onAnswer: listener(why) };
    if (kind === "household-head") {
      const person = typed();
      const isOther = head?.id_number && head.id_number !== person.id_number;
      openHouseholdDialog({
        ...common,
        claim: isOther ? head : person,
        members: isOther ? [person.id_number] : [],
      });
      return;
    }
    const asked = claim.read();
    if (asked === null)
      return void [claim.name, claim.number, claim.birth]
        .find((one) => one.input.hasAttribute("aria-invalid"))
        .input.focus();
    if (kind === "id-card") openIdCardDialog({ ...common, claim: asked });
    else openShareDialog({ ...common, claim: asked, onFill });
  };
  const make = (kind, key, text, symbol) => {
    const made = button(text, () => open(kind), { symbol, "aria-keyshortcuts": key });
    made.append(h("kbd", { "aria-hidden": "true" }, key));
    return made;
  };
  const buttons = {
    "id-card": make("id-card", "F2", "Xác nhận CCCD-CMND", "person"),
    "citizen-share": make("citizen-share", "F4", "Kiểm tra thông tin", "record"),
    "household-head": make("household-head", "F8", "Xác nhận chủ hộ", "home"),
  };
  const limits = h("p", { class: "hint" });
  const update = () => {
    // Before a procedure is chosen the buttons stay, and say what is missing.
    const isChosen = Boolean(purpose().procedure_code || purpose().receipt_number);
    const refused = Object.keys(buttons).filter((kind) => isChosen && !mayAsk(kind));
    for (const [kind, one] of Object.entries(buttons)) one.disabled = hasOther.checked || refused.includes(kind);
    limits.textContent =
      refused.length && !hasOther.checked ? NOT_ALLOWED.replace("loại tra cứu này", "các nút mờ") : "";
  };
  hasOther.addEventListener("change", () => {
    claim.number.element.hidden = hasOther.checked;
    otherPlace.hidden = !hasOther.checked;
    claim.number.showError(null);
    forget();
    update();
  });
  const otherPlace = h("div", { hidden: true }, other.element);

  const takeScan = () => {
    if (!scan.value) return;
    const card = parseCardCode(scan.value);
    scan.input.value = "";
    if (card === null) return void scan.showError("Không phải mã QR của thẻ CCCD. Hãy quét lại.");
    claim.name.input.value = upperName(card.full_name);
    claim.number.input.value = card.id_number;
    claim.birth.input.value = showDate(card.birth_date);
    if (card.address) address.input.value = card.address;
    for (const one of Object.values(fillables)) one.showError(null);
    forget();
    buttons["id-card"].focus();
  };
  scan.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    takeScan();
  });
  scan.input.addEventListener("paste", () => setTimeout(takeScan));
  scan.input.addEventListener("change", takeScan);

  const read = () => {
    // A scan that failed says nothing of what is typed.
    scan.showError(null);
    const isOther = hasOther.checked;
    claim.name.showError(nameFault(claim.name.value));
    claim.birth.showError(birthDateFault(claim.birth.value));
    if (!isOther) claim.read();
    other.showError(isOther && !other.value ? "Chưa nhập giấy tờ." : null);
    return {
      full_name: upperName(claim.name.value),
      id_number: isOther ? null : claim.number.value,
      birth_date: parseDate(claim.birth.value),
      phone: phone.value || null,
      email: email.value || null,
      address: address.value || null,
      other_document: isOther ? other.value : null,
    };
  };
  const fields = { phone, email, address, other_document: other };
  const element = h(
    "section",
    { class: "card" },
    h("h2", {}, "Người nộp hồ sơ"),
    scan.element,
    h(
      "div",
      { class: "person" },
      h(
        "div",
        { class: "stack" },
        claim.element,
        h("label", { class: "check" }, hasOther, "Người nộp không có số CCCD/CMND"),
        otherPlace,
        lockLine,
        standing,
      ),
      h(
        "div",
        { class: "person-actions", role: "group", "aria-label": "Tra cứu CSDL quốc gia về dân cư" },
        Object.values(buttons),
        limits,
      ),
    ),
    h("div", { class: "grid" }, phone.element, email.element, address.element),
  );
  return {
    element,
    read,
    update,
    /** What was confirmed and filled for one procedure does not serve another. */
    reset: () => {
      setLock([]);
      forget();
    },
    isTouched: () =>
      [claim.name, claim.number, claim.birth, phone, email, address, other].some((one) => one.value !== ""),
    fieldOf: (pointer) =>
      pointer.startsWith("/applicant/") ? (claim.fieldOf(pointer.slice(10)) ?? fields[pointer.slice(11)]) : undefined,
    onKey: (event) => {
      const kind = KEYS[event.key];
      if (!kind || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      if (!buttons[kind].disabled) open(kind);
    },
  };
}

function summary(kind, answer) {
  if (kind === "household-head") return [answer.head.result === "confirmed", `Chủ hộ: ${answer.head.message}`];
  if (kind === "id-card") return [answer.result === "exists", `CCCD-CMND: ${answer.message}`];
  return [
    answer.result === "found",
    answer.result === "found" ? "Thông tin: Công dân tồn tại" : "Thông tin: Công dân không tồn tại",
  ];
}
