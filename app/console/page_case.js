// One case: where it stands, what may happen next, what happened, and the receipt to print.

import { openEditDialog, openStepDialog } from "./case_changes.js";
import { takeUnusable, unusableNote } from "./case_drafts.js";
import { happened } from "./case_history.js";
import { applicantLookups } from "./case_lookups.js";
import { openReceipt } from "./case_receipt.js";
import {
  CHANNELS,
  ENDED,
  FORMS,
  LEVELS,
  LOOKUP_KINDS,
  NEEDS_NOTE,
  NEXT,
  PAYMENTS,
  STATUSES,
  hoursLeft,
  resultWords,
  statusBadge,
} from "./case_words.js";
import { showDate } from "./claims.js";
import { button, facts, h, icon, moment, put, saved, table } from "./dom.js";
import { failurePanel } from "./failures.js";

const WAY = ["received", "in_progress", "completed", "returned"];
const ONLINE_WAY = ["submitted", ...WAY];
const HISTORY_PART = 200;
const STRAY = {
  supplement_requested: "stray",
  payment_requested: "stray",
  rejected: "broken",
  withdrawn: "broken",
  stopped: "broken",
};

export async function show(page, { api, may, leaving, tell, rest }) {
  const path = `/cases/${encodeURIComponent(rest)}`;
  const drafts = {};
  const unusable = [];
  leaving.hasUnsaved = () => Object.keys(drafts).length > 0;
  const readHistory = async (cursor = null) =>
    (await api.get(`${path}/history`, { limit: HISTORY_PART, cursor })).body;
  const reload = async (message = null) => {
    try {
      const [{ body: one, etag }, history] = await Promise.all([api.get(path), readHistory()]);
      if (!page.isConnected) return;
      document.title = `${one.receipt_number} – Một cửa – Dân cư`;
      unusable.push(...takeUnusable(drafts, one));
      put(page, view(one, etag, history, message));
    } catch (error) {
      put(
        page,
        h("h1", {}, "Hồ sơ"),
        saved(message),
        failurePanel(error, { retry: () => reload(message) }),
        h("p", {}, h("a", { href: "#/ho-so" }, "Về danh sách hồ sơ")),
      );
    }
  };
  const view = (one, etag, history, message) => {
    const isOpen = !ENDED.has(one.status);
    const onDone = (words) => (page.isConnected ? reload(words) : tell(`${one.receipt_number}: ${words}`));
    const change = { api, path, etag, one, drafts, tell, onDone, onReload: () => reload() };
    const steps = may("cases:status") ? NEXT[one.status] : [];
    return [
      h(
        "div",
        { class: "page-head" },
        h("h1", {}, "Hồ sơ ", h("span", { class: "number" }, one.receipt_number)),
        statusBadge(one),
        button("In giấy biên nhận", () => openReceipt(api, path, one.receipt_number), { symbol: "print" }),
        may("cases:write") && isOpen && button("Sửa hồ sơ", () => openEditDialog(change)),
      ),
      saved(message),
      unusableNote(unusable),
      h(
        "section",
        { class: "card" },
        h("h2", {}, "Tiến độ"),
        progress(one),
        steps.length > 0 &&
          h(
            "div",
            { class: "row", role: "group", "aria-label": "Chuyển trạng thái" },
            h("span", { class: "label" }, "Chuyển sang:"),
            steps.map((to) =>
              button(STATUSES[to], () => openStepDialog({ ...change, to, needsNote: NEEDS_NOTE.has(to) }), {
                kind: STRAY[to] === "broken" ? "danger" : steps[0] === to ? "primary" : "",
              }),
            ),
          ),
      ),
      h(
        "div",
        { class: "columns" },
        h("div", { class: "stack" }, applicant(one, isOpen, api, may, reload), papers(one), lookups(one)),
        h("div", { class: "stack" }, general(one), happened(history, readHistory)),
      ),
    ];
  };
  put(page, h("p", { class: "loading" }, "Đang tải hồ sơ…"));
  await reload();
}

function progress(one) {
  const way = one.channel === "online" ? ONLINE_WAY : WAY;
  const isStray = one.status in STRAY;
  // Off the way, the case still stands where it last was on it: between its receipt and its completion.
  const at = isStray ? way.indexOf("received") + (one.status === "rejected" ? -1 : 1) : way.indexOf(one.status);
  return h(
    "ol",
    { class: "steps" },
    way.map((status, index) => {
      const isNow = index === at;
      const kind = isNow
        ? isStray
          ? `now ${STRAY[one.status]}`
          : one.status === "returned"
            ? "done"
            : "now"
        : index < at
          ? "done"
          : "";
      const words = isNow && isStray ? one.status_label : STATUSES[status];
      return h(
        "li",
        { class: kind, "aria-current": isNow ? "step" : null },
        h("span", { class: "mark" }, index < at || (isNow && one.status === "returned") ? icon("check") : index + 1),
        words,
      );
    }),
  );
}

function applicant(one, isOpen, api, may, reload) {
  const person = one.applicant;
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Người nộp hồ sơ"),
    facts(
      [
        ["Họ và tên", person.full_name],
        person.other_document ? ["Giấy tờ khác", person.other_document] : ["Số CCCD/CMND", person.id_number],
        ["Ngày sinh", showDate(person.birth_date)],
        ["Số điện thoại", person.phone],
        ["Thư điện tử", person.email],
        ["Địa chỉ liên hệ", person.address],
      ],
      { missing: "Chưa nhập" },
    ),
    isOpen && person.id_number && may("verify:id-card") && applicantLookups({ api, one, onAnswer: reload }),
  );
}

function general(one) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Thông tin hồ sơ"),
    facts(
      [
        ["Thủ tục", `${one.procedure.name} (${one.procedure.code})`],
        ["Mức độ", LEVELS[one.procedure.level]],
        ["Cơ quan tiếp nhận", one.agency.name],
        ["Kênh tiếp nhận", CHANNELS[one.channel]],
        ["Ngày nhận", moment(one.received_at)],
        ["Ngày hẹn trả", moment(one.due_at)],
        ["Số giờ còn lại", hoursLeft(one)],
        ["Ngày trả kết quả", moment(one.returned_at)],
        ["Thanh toán", PAYMENTS[one.payment_status]],
        ["Tên tổ chức", one.organization_name],
        ["Ngày thực địa", showDate(one.field_visit_on)],
        // Only https may be a link: the service accepts nothing else, and neither does this page.
        [
          "Đường dẫn liên quan",
          one.related_url?.startsWith("https://")
            ? h("a", { href: one.related_url, rel: "noreferrer noopener", target: "_blank" }, one.related_url)
            : null,
        ],
        ["Ghi chú", one.note && h("span", { class: "lines" }, one.note)],
      ],
      { missing: "–" },
    ),
  );
}

function papers(one) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Giấy tờ nộp kèm"),
    h(
      "div",
      { class: "counted" },
      table(
        "Giấy tờ nộp kèm",
        ["STT", "Tên giấy tờ", "Số bản", "Hình thức"],
        one.documents.map((paper, index) => [index + 1, paper.name, paper.copies, FORMS[paper.form]]),
        { empty: "Không có giấy tờ nào." },
      ),
    ),
  );
}

function lookups(one) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Lượt tra cứu CSDL quốc gia về dân cư"),
    table(
      "Lượt tra cứu",
      ["Thời điểm", "Loại", "Kết quả"],
      one.lookups.map((lookup) => [moment(lookup.answered_at), LOOKUP_KINDS[lookup.kind], resultWords(lookup.result)]),
      { empty: "Chưa có lượt tra cứu nào." },
    ),
  );
}
