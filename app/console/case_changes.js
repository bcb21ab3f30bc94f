// Changes of a case. Each names the version that the officer saw, so that nobody overwrites a colleague's.

import { isUnsettled, newKey } from "./api.js";
import { isSame, overtaken, written } from "./case_drafts.js";
import { PAYMENTS, STATUSES } from "./case_words.js";
import { showDate } from "./claims.js";
import { dayField } from "./day_field.js";
import { button, choice, facts, field, h, openDialog, put } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";
import { paperList } from "./paper_list.js";
import { guardTyping } from "./unsaved.js";

const CONTACT = new Set(["phone", "email", "address"]);
// The case has to be seen anew before anything more can be done with it.
const OUTDATED = new Set(["precondition-failed", "transition-not-allowed", "idempotency-key-reused"]);
const MAYBE_OWN = [
  "Hồ sơ đã thay đổi từ khi bạn mở",
  "Lần gửi trước không nhận được trả lời: có thể chính thay đổi của bạn đã được lưu.",
  "Tải lại hồ sơ để xem; nếu chưa được lưu thì thực hiện lại.",
];
const MAYBE_TAKEN = [
  "Nội dung đã khác lần gửi trước",
  "Hồ sơ có thể đã được chuyển trạng thái với nội dung lần gửi trước.",
  "Tải lại hồ sơ để xem trước khi thực hiện lại.",
];
const NOT_SEEN = "thay đổi vừa gửi chưa được lưu, hoặc chưa rõ đã lưu hay chưa. Hãy mở lại hồ sơ để xem.";

/**
 * Take a case a step further. `change` is {api, path, etag, one, drafts, tell, onDone, onReload}; `drafts` keeps what
 * was typed over a case that had changed meanwhile, for when the case is shown anew.
 */
export function openStepDialog(step) {
  const { to, needsNote, ...change } = step;
  const draft = `note-${to}`;
  const dialog = openDialog(document, `Chuyển hồ sơ ${change.one.receipt_number} sang: ${STATUSES[to]}`);
  const note = field("Nội dung xử lý", {
    control: h("textarea", { maxlength: 2000, value: change.drafts[draft] ?? "" }),
    required: needsNote,
    hint: needsNote ? "Bắt buộc: người nộp và đồng nghiệp cần biết lý do." : "Không bắt buộc.",
  });
  // One dialog, one key: pressed again after a broken connection, it is the same step.
  const key = newKey();
  const send = () => {
    if (needsNote && !note.value) {
      note.showError("Chưa nhập nội dung xử lý.");
      note.input.focus();
      return null;
    }
    const headers = { "If-Match": change.etag, "Idempotency-Key": key };
    return change.api.post(`${change.path}/status`, { to, note: note.value || null }, headers);
  };
  finish(dialog, change, {
    content: note.element,
    words: "Chuyển trạng thái",
    done: `Đã chuyển hồ sơ sang: ${STATUSES[to]}.`,
    draft,
    typed: () => note.value || null,
    reopen: () => openStepDialog(step),
    send,
    fieldOf: (pointer) => (pointer === "/note" ? note : null),
  });
  note.input.focus();
}

/** Edit what was written into a case; only what differs is sent. */
export function openEditDialog(change) {
  const { one, drafts } = change;
  const dialog = openDialog(document, `Sửa hồ sơ ${one.receipt_number}`, { wide: true });
  const before = written(one);
  const fields = editFields({ ...before, ...drafts.edit?.typed });
  const papers = paperList(drafts.edit?.typed.documents ?? one.documents);
  const differing = (day) => {
    const now = Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, each.value || null]));
    now.field_visit_on = day;
    now.documents = papers.read();
    return Object.fromEntries(Object.entries(now).filter(([name, value]) => !isSame(name, value, before[name])));
  };
  const typed = () => {
    const day = fields.field_visit_on.read();
    // What is no day is not kept: it would come back as an empty box, and an empty box takes the case's day away.
    const differs = differing(day === undefined ? before.field_visit_on : day);
    return Object.keys(differs).length ? { typed: differs, over: one } : null;
  };
  const send = () => {
    const day = fields.field_visit_on.day();
    papers.read();
    if (day === undefined) return null;
    const wrong = papers.element.querySelector("[aria-invalid]");
    if (wrong) {
      wrong.focus();
      return null;
    }
    return change.api.send("PATCH", change.path, { body: patchOf(differing(day)), headers: { "If-Match": change.etag } });
  };
  const places = Object.fromEntries(
    Object.entries(fields).map(([name, each]) => [CONTACT.has(name) ? `/applicant/${name}` : `/${name}`, each]),
  );
  const grid = Object.values(fields).map((each) => each.element);
  finish(dialog, change, {
    content: [h("div", { class: "grid" }, grid), h("h3", {}, "Giấy tờ nộp kèm"), papers.element],
    words: "Lưu thay đổi",
    done: "Đã lưu thay đổi.",
    draft: "edit",
    typed,
    changed: overtaken(drafts.edit, one),
    reopen: () => openEditDialog(change),
    send,
    fieldOf: (pointer) => places[pointer] ?? papers.fieldOf(pointer),
  });
  fields.phone.input.focus();
}

function editFields(now) {
  return {
    phone: field("Số điện thoại", { type: "tel", value: now.phone ?? "" }),
    email: field("Thư điện tử", { type: "email", value: now.email ?? "" }),
    address: field("Địa chỉ liên hệ", { value: now.address ?? "", maxlength: 500 }),
    organization_name: field("Tên tổ chức", { value: now.organization_name ?? "", maxlength: 200 }),
    field_visit_on: dayField("Ngày thực địa", { value: showDate(now.field_visit_on) ?? "" }),
    payment_status: choice("Thanh toán", Object.entries(PAYMENTS), { value: now.payment_status }),
    related_url: field("Đường dẫn liên quan", { type: "url", value: now.related_url ?? "" }),
    note: field("Ghi chú", { control: h("textarea", { maxlength: 2000, value: now.note ?? "" }), wide: true }),
  };
}

function patchOf(differing) {
  const named = Object.entries(differing);
  const contact = named.filter(([name]) => CONTACT.has(name));
  const others = Object.fromEntries(named.filter(([name]) => !CONTACT.has(name)));
  return contact.length ? { applicant: Object.fromEntries(contact), ...others } : others;
}

/**
 * Fill the dialog and send what it holds; `draft` names where what is `typed`, unless that is null, is kept for a case
 * that changed. `changed` names what of it the case has another value of since then.
 */
function finish(dialog, change, { content, words, done, draft, typed, changed = [], reopen, send, fieldOf }) {
  const message = h("div", { class: "stack" });
  let isLost = false;
  const attempt = async () => {
    if (go.getAttribute("aria-busy") === "true") return;
    const pending = send();
    if (pending === null) return;
    go.setAttribute("aria-busy", "true");
    put(message);
    try {
      await pending;
      delete change.drafts[draft];
      dialog.close();
      change.onDone(done);
    } catch (error) {
      if (!dialog.element.open) change.tell(`${change.one.receipt_number}: ${NOT_SEEN}`);
      else if (error.code !== "validation-failed" || !showFaults(error, fieldOf)) showFailure(error);
      isLost ||= isUnsettled(error);
    } finally {
      go.removeAttribute("aria-busy");
    }
  };
  const showFailure = (error) => {
    const isOwn = isLost && error.code === "precondition-failed";
    const isTaken = error.code === "idempotency-key-reused";
    const reload = () => {
      // Also what was typed after the failure.
      const kept = typed();
      if (kept === null) delete change.drafts[draft];
      else change.drafts[draft] = kept;
      dialog.close();
      change.onReload();
    };
    put(
      message,
      failurePanel(error, { retry: attempt, words: isOwn ? MAYBE_OWN : isTaken ? MAYBE_TAKEN : null }),
      OUTDATED.has(error.code) && [
        typed() !== null && h("p", { class: "note" }, "Nội dung bạn đã nhập được giữ lại cho lần mở tiếp theo."),
        button("Tải lại hồ sơ", reload, { kind: "primary" }),
      ],
    );
    message.scrollIntoView({ block: "nearest" });
  };
  const discard = () => {
    if (go.getAttribute("aria-busy") === "true") return;
    delete change.drafts[draft];
    dialog.close();
    reopen();
  };
  const go = button(words, attempt, { kind: "primary" });
  put(
    dialog.body,
    draft in change.drafts && draftNote(changed, discard),
    content,
    message,
  );
  put(dialog.foot, button("Đóng", dialog.leave), go);
  guardTyping(dialog, () => {
    delete change.drafts[draft];
  });
}

/** Say that the dialog was filled with what was typed before, and what a save of it would undo. */
function draftNote(changed, onDiscard) {
  return h(
    "div",
    { class: "note fair stack" },
    h("p", {}, "Nội dung bạn đã nhập trước khi tải lại hồ sơ được điền sẵn. Hãy xem lại rồi lưu."),
    changed.length > 0 && [
      h("p", {}, "Trong lúc đó hồ sơ đã được đổi ở các mục sau. Nếu lưu, nội dung của bạn thay cho nội dung mới:"),
      facts(changed),
    ],
    h("div", {}, button("Bỏ nội dung này", onDiscard)),
  );
}
