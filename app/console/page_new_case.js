// Thêm mới hồ sơ: the form, with the three lookups beside the applicant.

import { everyPage, isUnsettled, newKey } from "./api.js";
import { CHANNELS } from "./case_words.js";
import { applicantCard } from "./applicant_card.js";
import { dayField } from "./day_field.js";
import { button, choice, field, h, icon, moment, put } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";
import { madeLookups } from "./made_lookups.js";
import { paperList } from "./paper_list.js";

export async function show(page, { api, me, leaving, tell, go }) {
  const codes = me.procedures;
  const days = new Map((await everyPage(api, "/procedures")).map((one) => [one.code, one]));
  if (!page.isConnected) return;
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
  const lookups = madeLookups(() => procedure.value);

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
    onAnswer: (kind, answer, why) => lookups.add({ id: answer.lookup_id, procedure: why.procedure_code, kind }),
  });

  procedure.input.addEventListener("change", async () => {
    if (!lookups.isEmpty()) applicant.reset();
    applicant.update();
    lookups.show();
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
  // One form, one key: whatever became of a try whose answer was lost, it makes no second case.
  let key = newKey();
  const send = async (body) => {
    const { body: made } = await api.post("/cases", body, { "Idempotency-Key": key });
    if (!page.isConnected) return tell("Đã lưu hồ sơ ", caseLink(made.receipt_number), ".");
    leaving.hasUnsaved = () => false;
    return go(`ho-so/${made.receipt_number}`);
  };
  const save = async () => {
    if (saveButton.getAttribute("aria-busy") === "true") return;
    const body = read();
    if (body === null) return;
    saveButton.setAttribute("aria-busy", "true");
    put(message);
    try {
      await send(body);
    } catch (error) {
      if (!page.isConnected) tell("Hồ sơ vừa gửi chưa được lưu, hoặc chưa rõ đã lưu hay chưa. Hãy xem danh sách hồ sơ.");
      else if (error.code !== "validation-failed" || !showFaults(error, fieldOf)) showFailure(error, body.lookup_ids);
    } finally {
      saveButton.removeAttribute("aria-busy");
    }
  };
  const fieldOf = (pointer) => fields[pointer] ?? applicant.fieldOf(pointer) ?? papers.fieldOf(pointer);
  const showFailure = (error, sent) => {
    // The officer now knows that there is a case with what was sent first; what is sent from here on is another.
    if (error.code === "idempotency-key-reused") key = newKey();
    const dropped = lookups.dropRefused(error, sent);
    put(
      message,
      failurePanel(error, { retry: save }),
      isUnsettled(error) &&
        h("p", { class: "note" }, "Bấm lưu lại là an toàn: cùng một nội dung không bị lưu hai lần."),
      dropped > 0 &&
        h(
          "p",
          { class: "note" },
          `${dropped > 1 ? `Cả ${dropped} lượt tra cứu` : "Lượt tra cứu đó"} đã được bỏ khỏi hồ sơ này; lưu lại được ngay.`,
        ),
    );
    message.scrollIntoView({ block: "nearest" });
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
      lookup_ids: lookups.ids(),
    };
  };
  const saveButton = button("Lưu hồ sơ", save, {
    kind: "primary",
    symbol: "check",
    "aria-keyshortcuts": "Control+Enter",
  });
  leaving.hasUnsaved = () =>
    Boolean(
      applicant.isTouched() ||
        papers.isTouched() ||
        [procedure, organization, visit, url, note].some((one) => one.value) ||
        !lookups.isEmpty(),
    );
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
      lookups.element,
      button("Hủy", () => go("ho-so"), { kind: "quiet" }),
      saveButton,
    ),
  );
  procedure.input.focus();
}

function caseLink(number) {
  return h("a", { class: "number", href: `#/ho-so/${encodeURIComponent(number)}` }, number);
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
