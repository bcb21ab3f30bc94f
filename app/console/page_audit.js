// Nhật ký tra cứu: the audit log's records, one record, and its proof.

import { proofPanel } from "./audit_proof.js";
import { LOOKUP_KINDS, RECEIPT, resultWords } from "./case_words.js";
import { numberFault } from "./claims.js";
import { button, choice, facts, field, h, moment, put, table } from "./dom.js";
import { failurePanel, failureTitle } from "./failures.js";
import { longList } from "./long_list.js";

const KINDS = {
  INTENT: "Ý định tra cứu",
  OUTCOME: "Kết quả tra cứu",
  DENIED: "Bị từ chối",
  ABANDONED: "Bỏ dở",
  ACCESS: "Đọc nhật ký",
  CHANGE: "Thay đổi",
};
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export async function show(page, context) {
  await (context.rest ? showRecord(page, context) : showList(page, context));
}

async function showList(page, { api, go }) {
  const officer = field("Cán bộ", { maxlength: 64, placeholder: "tên đăng nhập" });
  const kind = choice("Loại bản ghi", [["", "Tất cả"], ...Object.entries(KINDS)]);
  const what = field("Số biên nhận hoặc mã tra cứu");
  const number = field("Số bản ghi", { inputmode: "numeric" });
  const list = longList((query, cursor) => api.get("/audit/records", { ...query, cursor }), recordTable);
  // All of it stands in addresses, so that nothing else may be sent, least of all a citizen's number.
  const isWrong = () => {
    officer.showError(officerFault(officer.value));
    what.showError(
      !what.value || UUID.test(what.value) || RECEIPT.test(what.value) ? null : "Nhập số biên nhận hoặc mã tra cứu.",
    );
    number.showError(!number.value || isSequence(number.value) ? null : "Nhập số thứ tự của bản ghi.");
    const wrong = [officer, what, number].find((one) => one.input.hasAttribute("aria-invalid"));
    wrong?.input.focus();
    return wrong !== undefined;
  };
  const search = () => {
    const query = { limit: 50, officer: officer.value, kind: kind.value };
    if (UUID.test(what.value)) query.lookup_id = what.value;
    else if (what.value) query.receipt_number = what.value.toUpperCase();
    return list.load(query);
  };
  kind.input.addEventListener("change", () => (isWrong() ? list.clear() : search()));
  const onsubmit = (event) => {
    event.preventDefault();
    if (isWrong()) list.clear();
    else if (number.value) go(`nhat-ky/${number.value}`);
    else search();
  };
  put(
    page,
    h(
      "div",
      { class: "page-head" },
      h("h1", {}, "Nhật ký tra cứu"),
      h("p", { class: "hint" }, "Việc đọc nhật ký cũng được ghi lại."),
    ),
    h(
      "form",
      { class: "filters audit", role: "search", onsubmit },
      officer.element,
      kind.element,
      what.element,
      number.element,
      button("Xem", null, { type: "submit", symbol: "search" }),
    ),
    list.results,
    list.more,
  );
  await search();
}

function officerFault(text) {
  if (!text) return null;
  // An account may be called so too; it cannot be told from a citizen.
  if (numberFault(text) === null) return "Không nhập số định danh hay số CMND vào ô này, kể cả khi đó là tên đăng nhập.";
  return /^[A-Za-z0-9._-]+$/.test(text) ? null : "Nhập tên đăng nhập của cán bộ.";
}

// As long as a number may be that a browser reckons with; a citizen's has 12 digits.
function isSequence(text) {
  return /^[0-9]{1,15}$/.test(text) && text.length !== 12;
}

function recordTable(items) {
  return table(
    "Bản ghi nhật ký",
    ["Số", "Thời điểm", "Loại", "Tra cứu", "Cán bộ", "Cơ quan", "Thủ tục", "Số biên nhận", "Kết quả"],
    items.map(({ sequence, record }) => [
      h("a", { class: "number", href: `#/nhat-ky/${sequence}` }, sequence),
      ...(record === null
        ? ["Nội dung đã hết thời hạn lưu"]
        : [
            moment(record.at, { seconds: true }),
            kindBadge(record.kind),
            LOOKUP_KINDS[record.lookup_kind],
            record.officer ?? record.client,
            record.agency,
            record.procedure_code,
            record.receipt_number,
            outcomeWords(record),
          ]),
    ]),
  );
}

function outcomeWords(record) {
  // That the log was read is said by the kind already.
  if (record.kind === "ACCESS" && record.result === "read") return null;
  if (record.result && record.kind === "OUTCOME") return resultWords(record.result);
  return record.result && record.kind === "DENIED" ? failureTitle(record.result) : record.result;
}

function kindBadge(kind) {
  const look = { OUTCOME: "good", DENIED: "bad", ABANDONED: "bad", ACCESS: "unknown", CHANGE: "fair" }[kind] ?? "";
  return h("span", { class: `badge ${look}` }, KINDS[kind] ?? kind);
}

async function showRecord(page, { api, rest }) {
  put(page, h("p", { class: "loading" }, "Đang tải bản ghi…"));
  const back = h("p", {}, h("a", { href: "#/nhat-ky" }, "Về nhật ký"));
  try {
    const { body: found } = await api.get(`/audit/records/${encodeURIComponent(rest)}`);
    const record = found.record;
    put(
      page,
      h("div", { class: "page-head" }, h("h1", {}, `Bản ghi số ${found.sequence}`), record && kindBadge(record.kind)),
      back,
      h(
        "div",
        { class: "columns" },
        h(
          "div",
          { class: "stack" },
          h(
            "section",
            { class: "card" },
            h("h2", {}, "Nội dung"),
            record === null
              ? h("p", { class: "note fair" }, "Nội dung đã hết thời hạn lưu; giá trị băm vẫn còn.")
              : recordFacts(record),
          ),
          record &&
            h(
              "section",
              { class: "card" },
              h("h2", {}, "Nguyên văn"),
              h("pre", { tabindex: "0" }, JSON.stringify(record, null, 2)),
            ),
        ),
        proofPanel({ api, sequence: found.sequence }),
      ),
    );
  } catch (error) {
    put(page, h("h1", {}, "Bản ghi nhật ký"), back, failurePanel(error));
  }
}

function recordFacts(record) {
  return facts(
    [
      ["Thời điểm", moment(record.at, { seconds: true })],
      ["Loại tra cứu", LOOKUP_KINDS[record.lookup_kind]],
      ["Cán bộ", record.officer],
      ["Cơ quan", record.agency],
      ["Hệ thống kết nối", record.client],
      ["Địa chỉ nguồn", record.source_address],
      ["Thủ tục", record.procedure_code],
      ["Số biên nhận", record.receipt_number],
      ["Kết quả", outcomeWords(record)],
      // A person may be on record under the 12-digit and the old number.
      ["Số định danh được ghi", String(record.subjects.length)],
      ["Trường yêu cầu", record.fields_asked.join(", ")],
      ["Trường đã cung cấp", record.fields_given.join(", ")],
      ["Mã tra cứu", record.lookup_id],
      ["Mã yêu cầu gửi đi", record.upstream_request_id],
    ],
    { missing: "–" },
  );
}
