// Changes of a case. Each names the version that the officer saw, so that nobody overwrites a colleague's.

import { PAYMENTS, STATUSES } from "./case_words.js";
import { showDate } from "./claims.js";
import { dayField } from "./day_field.js";
import { button, choice, field, h, openDialog, put } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";
import { paperList } from "./paper_list.js";

/** Take a case a step further. `change` is {api, path, etag, one, onDone, onReload}. */
export function openStepDialog({ to, needsNote, ...change }) {
  const dialog = openDialog(document, `Chuyển sang: ${STATUSES[to]}`);
  const note = field("Nội dung xử lý", {
    control: h("textarea", { maxlength: 2000 }),
    required: needsNote,
    hint: needsNote ? "Bắt buộc: người nộp và đồng nghiệp cần biết lý do." : "Không bắt buộc.",
  });
  // The key stays with what is sent: pressed again after a broken connection, it is the same step.
  let key = null;
  let keyed = null;
  const send = () => {
    if (needsNote && !note.value) {
      note.showError("Chưa nhập nội dung xử lý.");
      note.input.focus();
      return null;
    }
    const body = { to, note: note.value || null };
    if (JSON.stringify(body) !== keyed) [key, keyed] = [crypto.randomUUID(), JSON.stringify(body)];
    return change.api.post(`${change.path}/status`, body, { "If-Match": change.etag, "Idempotency-Key": key });
  };
  finish(
    dialog,
    note.element,
    "Chuyển trạng thái",
    send,
    (pointer) => (pointer === "/note" ? note : null),
    () => change.onDone(`Đã chuyển hồ sơ sang: ${STATUSES[to]}.`),
    change.onReload,
  );
  note.input.focus();
}

/** Edit what was written into a case; only what differs is sent. */
export function openEditDialog(change) {
  const { one } = change;
  const dialog = openDialog(document, `Sửa hồ sơ ${one.receipt_number}`, { wide: true });
  const fields = {
    phone: field("Số điện thoại", { type: "tel", value: one.applicant.phone ?? "" }),
    email: field("Thư điện tử", { type: "email", value: one.applicant.email ?? "" }),
    address: field("Địa chỉ liên hệ", { value: one.applicant.address ?? "", maxlength: 500 }),
    organization_name: field("Tên tổ chức", { value: one.organization_name ?? "", maxlength: 200 }),
    field_visit_on: dayField("Ngày thực địa", { value: showDate(one.field_visit_on) ?? "" }),
    payment_status: choice("Thanh toán", Object.entries(PAYMENTS), { value: one.payment_status }),
    related_url: field("Đường dẫn liên quan", { type: "url", value: one.related_url ?? "" }),
    note: field("Ghi chú", { control: h("textarea", { maxlength: 2000, value: one.note ?? "" }), wide: true }),
  };
  const papers = paperList(one.documents);
  const send = () => {
    const day = fields.field_visit_on.day();
    const documents = papers.read();
    if (day === undefined) return null;
    const wrong = papers.element.querySelector("[aria-invalid]");
    if (wrong) {
      wrong.focus();
      return null;
    }
    const body = {};
    const contact = {};
    for (const name of ["phone", "email", "address"])
      if ((fields[name].value || null) !== one.applicant[name]) contact[name] = fields[name].value || null;
    if (Object.keys(contact).length) body.applicant = contact;
    if (day !== one.field_visit_on) body.field_visit_on = day;
    for (const name of ["organization_name", "payment_status", "related_url", "note"])
      if ((fields[name].value || null) !== one[name]) body[name] = fields[name].value || null;
    if (!areSame(documents, one.documents)) body.documents = documents;
    return change.api.send("PATCH", change.path, { body, headers: { "If-Match": change.etag } });
  };
  const places = Object.fromEntries(
    Object.entries(fields).map(([name, one]) => [
      ["phone", "email", "address"].includes(name) ? `/applicant/${name}` : `/${name}`,
      one,
    ]),
  );
  finish(
    dialog,
    [
      h(
        "div",
        { class: "grid" },
        Object.values(fields).map((one) => one.element),
      ),
      h("h3", {}, "Giấy tờ nộp kèm"),
      papers.element,
    ],
    "Lưu thay đổi",
    send,
    (pointer) => places[pointer] ?? papers.fieldOf(pointer),
    () => change.onDone("Đã lưu thay đổi."),
    change.onReload,
  );
  fields.phone.input.focus();
}

function areSame(documents, others) {
  const text = (papers) => JSON.stringify(papers.map(({ name, copies, form }) => [name, copies, form]));
  return text(documents) === text(others);
}

function finish(dialog, content, words, send, fieldOf, onDone, onReload) {
  const message = h("div", { class: "stack" });
  const attempt = async () => {
    if (go.getAttribute("aria-busy") === "true") return;
    const pending = send();
    if (pending === null) return;
    go.setAttribute("aria-busy", "true");
    put(message);
    try {
      await pending;
      dialog.close();
      onDone();
    } catch (error) {
      if (error.code === "validation-failed" && showFaults(error, fieldOf)) return;
      const isOld =
        error.code === "precondition-failed" || error.code === "transition-not-allowed" || error.code === "case-closed";
      put(
        message,
        failurePanel(error, { retry: attempt }),
        isOld &&
          button(
            "Tải lại hồ sơ",
            () => {
              dialog.close();
              onReload();
            },
            { kind: "primary" },
          ),
      );
      message.scrollIntoView({ block: "nearest" });
    } finally {
      go.removeAttribute("aria-busy");
    }
  };
  const go = button(words, attempt, { kind: "primary" });
  put(dialog.body, content, message);
  put(dialog.foot, button("Đóng", dialog.close), go);
}
