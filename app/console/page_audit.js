// Nhật ký tra cứu: the audit log's records, one record, and its proof.

import { proofPanel } from "./audit_proof.js";
import { LOOKUP_KINDS, resultWords } from "./case_words.js";
import { button, choice, facts, field, h, moment, put, table } from "./dom.js";
import { failurePanel } from "./failures.js";

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
  const results = h("div", { class: "results", "aria-live": "polite" });
  const more = h("p", { class: "pager" });
  let items = [];
  const load = async (cursor = null) => {
    const query = { limit: 50, cursor, officer: officer.value, kind: kind.value };
    if (what.value)
      query[UUID.test(what.value) ? "lookup_id" : "receipt_number"] = UUID.test(what.value)
        ? what.value
        : what.value.toUpperCase();
    results.setAttribute("aria-busy", "true");
    try {
      const { body } = await api.get("/audit/records", query);
      items = cursor === null ? body.items : [...items, ...body.items];
      put(results, recordTable(items));
      put(more, body.next_cursor && button("Xem thêm", () => load(body.next_cursor)));
    } catch (error) {
      put(results, failurePanel(error, { retry: () => load(cursor) }));
    } finally {
      results.removeAttribute("aria-busy");
    }
  };
  kind.input.addEventListener("change", () => load());
  const onsubmit = (event) => {
    event.preventDefault();
    if (/^\d+$/.test(number.value)) go(`nhat-ky/${number.value}`);
    else load();
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
    results,
    more,
  );
  put(results, h("p", { class: "loading" }, "Đang tải nhật ký…"));
  await load();
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
  return record.result && record.kind === "OUTCOME" ? resultWords(record.result) : record.result;
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
