// Tiếp nhận hồ sơ: the list of cases, newest first, with a search box and filters.

import { STATUSES, hoursLeft, PAYMENTS, statusBadge } from "./case_words.js";
import { dayField } from "./day_field.js";
import { button, choice, field, h, moment, put, table } from "./dom.js";
import { failurePanel } from "./failures.js";

const HEADS = [
  "STT",
  "Số biên nhận",
  "Ngày nhận",
  "Ngày hẹn trả",
  "Họ tên người nộp",
  "Tên tổ chức",
  "Loại hồ sơ",
  "Trạng thái",
  "Số giờ còn lại",
  "Thanh toán",
];
const PAGE_SIZE = 20;
const RECEIPT = /^[A-Z0-9.]+-\d{6,8}-\d{4,8}$/i;

export async function show(page, { api, me, may, go }) {
  const search = field("Tìm hồ sơ", { type: "search", hint: "Họ tên, số CCCD/CMND hoặc số biên nhận", name: "search" });
  const status = choice("Trạng thái", [["", "Tất cả"], ...Object.entries(STATUSES)]);
  const overdue = choice("Hạn trả", [
    ["", "Tất cả"],
    ["true", "Đang quá hạn"],
    ["false", "Chưa quá hạn"],
  ]);
  const procedure = choice("Thủ tục", [["", "Tất cả"], ...me.procedures.map((one) => [one.code, one.name])]);
  const from = dayField("Nhận từ ngày");
  const to = dayField("Đến hết ngày", { isEnd: true });
  const results = h("div", { class: "results", "aria-live": "polite" });
  const pager = h("nav", { class: "pager", "aria-label": "Trang" });
  const cursors = [null];
  let turn = 0;

  const filters = () => {
    const wanted = { limit: PAGE_SIZE };
    const text = search.value;
    if (/^(?:\d{9}|\d{12})$/.test(text)) wanted.id_number = text;
    else if (RECEIPT.test(text)) wanted.receipt_number = text.toUpperCase();
    else if (text) wanted.full_name = text;
    if (status.value) wanted.status = status.value;
    if (procedure.value) wanted.procedure_code = procedure.value;
    if (overdue.value) wanted.overdue = overdue.value === "true";
    const span = { received_from: from.day(), received_to: to.day() };
    if (Object.values(span).includes(undefined)) return null;
    for (const [name, day] of Object.entries(span)) if (day) wanted[name] = day;
    return wanted;
  };

  const load = async () => {
    const wanted = filters();
    turn += 1;
    const mine = turn;
    put(pager);
    if (wanted === null) return void put(results, h("p", { class: "note fair" }, "Sửa ngày đã nhập rồi tìm lại."));
    results.setAttribute("aria-busy", "true");
    try {
      // In a body, so that no name or number ever stands in an address.
      const { body } = await api.post("/cases/search", { ...wanted, cursor: cursors.at(-1) });
      if (mine !== turn) return;
      const first = (cursors.length - 1) * PAGE_SIZE;
      put(results, caseTable(body.items, first, Object.keys(wanted).length > 1));
      showPager(body.next_cursor, first, body.items.length);
    } catch (error) {
      if (mine === turn) put(results, failurePanel(error, { retry: load }));
    } finally {
      if (mine === turn) results.removeAttribute("aria-busy");
    }
  };
  const showPager = (next, first, count) => {
    put(
      pager,
      button(
        "Trang trước",
        () => {
          cursors.pop();
          load();
        },
        { disabled: cursors.length === 1 },
      ),
      h("span", {}, count ? `Hồ sơ ${first + 1}–${first + count}` : ""),
      button(
        "Trang sau",
        () => {
          cursors.push(next);
          load();
        },
        { disabled: next === null },
      ),
    );
  };
  const restart = () => {
    cursors.splice(0, cursors.length, null);
    return load();
  };

  for (const box of [status, overdue, procedure]) box.input.addEventListener("change", restart);
  put(
    page,
    h(
      "div",
      { class: "page-head" },
      h("h1", {}, "Tiếp nhận hồ sơ"),
      may("cases:write") && button("Thêm mới hồ sơ", () => go("ho-so-moi"), { kind: "primary", symbol: "plus" }),
    ),
    h(
      "form",
      {
        class: "filters",
        role: "search",
        onsubmit: (event) => {
          event.preventDefault();
          restart();
        },
      },
      search.element,
      status.element,
      procedure.element,
      overdue.element,
      from.element,
      to.element,
      button("Tìm", null, { type: "submit", symbol: "search" }),
    ),
    results,
    pager,
  );
  put(results, h("p", { class: "loading" }, "Đang tải danh sách hồ sơ…"));
  await restart();
}

function caseTable(items, first, isNarrowed) {
  const rows = items.map((one, index) => [
    first + index + 1,
    h("a", { class: "number", href: `#/ho-so/${encodeURIComponent(one.receipt_number)}` }, one.receipt_number),
    moment(one.received_at),
    moment(one.due_at),
    one.applicant.full_name,
    one.organization_name,
    one.procedure.name,
    statusBadge(one),
    hoursLeft(one),
    PAYMENTS[one.payment_status],
  ]);
  const empty = isNarrowed ? "Không có hồ sơ nào khớp với điều kiện tìm." : "Chưa có hồ sơ nào.";
  return table("Danh sách hồ sơ", HEADS, rows, { empty, rowClass: (index) => (items[index].is_overdue ? "late" : "") });
}
