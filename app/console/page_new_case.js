// Thêm mới hồ sơ: the form, with the three lookups beside the applicant.

import { everyPage } from "./api.js";
import { CHANNELS, LOOKUP_KINDS } from "./case_words.js";
import { applicantCard } from "./applicant_card.js";
import { dayField } from "./day_field.js";
import { button, choice, field, h, icon, moment, put } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";
import { paperList } from "./paper_list.js";

export async function show(page, { api, me, leaving, go }) {
  const codes = me.procedures;
  const days = new Map((await everyPage(api, "/procedures")).map((one) => [one.code, one]));
  const procedure = choice(
    "Thủ tục",
    [["", "– Chọn thủ tục –"], ...codes.map((one) => [one.code, `${one.name} (${one.code})`])],
    { required: true, name: "procedure" },
  );
  const channel = choice("Kênh tiếp nhận", Object.entries(CHANNELS), { value: "in_person" });
  const due = h(
    "div",
    { class: "stack", "aria-live": "polite" },
    h("p", { class: "hint" }, "Chọn thủ tục để xem ngày hẹn trả."),
  );
  const organization = field("Tên tổ chức", { maxlength: 200, hint: "Khi nộp thay cho một tổ chức." });
  const visit = dayField("Ngày thực địa");
  const url = field("Đường dẫn liên quan", { type: "url", placeholder: "https://", maxlength: 2000 });
  const note = field("Ghi chú", { control: h("textarea", { maxlength: 2000 }), wide: true });
  const papers = paperList();
  const message = h("div", { class: "stack" });
  const lookups = [];
  const done = h("ul", { class: "standing", "aria-live": "polite" });

  const rights = () => codes.find((one) => one.code === procedure.value)?.lookups ?? [];
  const applicant = applicantCard({
    api,
    purpose: () => ({ procedure_code: procedure.value }),
    mayAsk: (kind) => rights().includes(kind),
    beforeAsking: () => {
      if (procedure.value) return true;
      procedure.showError("Chọn thủ tục trước khi tra cứu.");
      procedure.input.focus();
      return false;
    },
    onAnswer: (kind, answer, why) => {
      lookups.push({ id: answer.lookup_id, procedure: why.procedure_code, kind });
      showLookups();
    },
  });
  // A lookup was made for one procedure and cannot serve another.
  const own = () => lookups.filter((one) => one.procedure === procedure.value);
  const showLookups = () =>
    put(
      done,
      own().length
        ? h(
            "li",
            {},
            `${own().length} lượt tra cứu sẽ được gắn với hồ sơ: ${own()
              .map((one) => LOOKUP_KINDS[one.kind])
              .join(", ")}.`,
          )
        : null,
    );

  procedure.input.addEventListener("change", async () => {
    if (lookups.length) applicant.reset();
    applicant.update();
    showLookups();
    const code = procedure.value;
    if (!code) return put(due, h("p", { class: "hint" }, "Chọn thủ tục để xem ngày hẹn trả."));
    try {
      const { body } = await api.get(`/procedures/${encodeURIComponent(code)}/due-date`);
      if (code === procedure.value) showDue(due, body, days.get(code));
    } catch (error) {
      if (code === procedure.value) put(due, failurePanel(error));
    }
    return undefined;
  });

  const fields = {
    "/procedure_code": procedure,
    "/organization_name": organization,
    "/field_visit_on": visit,
    "/related_url": url,
    "/note": note,
  };
  // The key belongs to what is sent: sent again after a broken connection, it is the same case.
  let key = null;
  let keyed = null;
  const save = async () => {
    if (saveButton.getAttribute("aria-busy") === "true") return;
    const body = read();
    if (body === null) return;
    const text = JSON.stringify(body);
    if (text !== keyed) [key, keyed] = [crypto.randomUUID(), text];
    saveButton.setAttribute("aria-busy", "true");
    put(message);
    try {
      const answer = await api.post("/cases", body, { "Idempotency-Key": key });
      leaving.hasUnsaved = () => false;
      go(`ho-so/${answer.body.receipt_number}`);
    } catch (error) {
      if (
        error.code !== "validation-failed" ||
        !showFaults(error, (pointer) => fields[pointer] ?? applicant.fieldOf(pointer) ?? papers.fieldOf(pointer))
      ) {
        put(
          message,
          failurePanel(error, { retry: save }),
          error.code === "no-answer" &&
            h("p", { class: "note" }, "Bấm lưu lại là an toàn: cùng một nội dung không bị lưu hai lần."),
        );
        message.scrollIntoView({ block: "nearest" });
      }
    } finally {
      saveButton.removeAttribute("aria-busy");
    }
  };
  const read = () => {
    const person = applicant.read();
    const listed = papers.read();
    const day = visit.day();
    procedure.showError(procedure.value ? null : "Chưa chọn thủ tục.");
    url.showError(url.value && !/^https:\/\/\S+$/.test(url.value) ? "Đường dẫn phải bắt đầu bằng https://." : null);
    const wrong = page.querySelector("[aria-invalid]");
    if (wrong) {
      wrong.focus();
      return null;
    }
    return {
      procedure_code: procedure.value,
      channel: channel.value,
      applicant: person,
      organization_name: organization.value || null,
      field_visit_on: day,
      note: note.value || null,
      related_url: url.value || null,
      documents: listed,
      lookup_ids: own().map((one) => one.id),
    };
  };
  const saveButton = button("Lưu hồ sơ", save, {
    kind: "primary",
    symbol: "check",
    "aria-keyshortcuts": "Control+Enter",
  });
  leaving.hasUnsaved = () =>
    Boolean(applicant.isTouched() || [organization, visit, url, note].some((one) => one.value) || lookups.length);
  // Wherever the focus is, as long as the form is there and no dialog lies over it.
  const onKey = (event) => {
    if (!page.isConnected) return document.removeEventListener("keydown", onKey);
    if (document.querySelector("dialog[open]")) return undefined;
    return event.key === "Enter" && event.ctrlKey ? save() : applicant.onKey(event);
  };
  document.addEventListener("keydown", onKey);

  put(
    page,
    h(
      "div",
      { class: "page-head" },
      h("h1", {}, "Thêm mới hồ sơ"),
      h("p", { class: "hint" }, "Mục có dấu * là bắt buộc."),
    ),
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "stack" },
        h(
          "section",
          { class: "card" },
          h("h2", {}, "Thủ tục"),
          h("div", { class: "grid" }, procedure.element, channel.element),
        ),
        applicant.element,
        h("section", { class: "card" }, h("h2", {}, "Giấy tờ nộp kèm"), papers.element),
      ),
      h(
        "div",
        { class: "stack" },
        h("section", { class: "card" }, h("h2", {}, "Ngày hẹn trả"), due),
        h(
          "section",
          { class: "card" },
          h("h2", {}, "Thông tin khác"),
          h("div", { class: "grid" }, organization.element, visit.element, url.element, note.element),
        ),
      ),
    ),
    message,
    h(
      "div",
      { class: "save-bar" },
      done,
      button("Hủy", () => go("ho-so"), { kind: "quiet" }),
      saveButton,
    ),
  );
  done.setAttribute("role", "list");
  procedure.input.focus();
}

function showDue(place, body, procedure) {
  put(
    place,
    h("p", { class: "due" }, moment(body.due_at)),
    h(
      "p",
      { class: "hint" },
      `${procedure?.processing_days ?? ""} ngày làm việc, nếu tiếp nhận lúc ${moment(body.received_at)}.`,
    ),
    body.days_off.map((day) =>
      h("p", { class: "note fair" }, icon("warn"), ` ${day.date.split("-").reverse().join("/")}: ${day.name} (nghỉ)`),
    ),
  );
}
