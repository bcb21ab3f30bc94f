// Tiếp nhận hồ sơ: the list of cases, newest first, with a search box and filters.

import { PAYMENTS, RECEIPT, STATUSES, hoursLeft, statusBadge } from "./case_words.js";
import { numberFault } from "./claims.js";
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
    // Numbers are written in groups, too.
    const digits = text.replace(/[\s.]/g, "");
    const isNumber = /^[0-9]+$/.test(digits);
    const fault = isNumber ? numberFault(digits) : null;
    search.showError(fault);
    if (isNumber) wanted.id_number = digits;
    else if (RECEIPT.test(text)) wanted.receipt_number = text.toUpperCase();
    else if (text) wanted.full_name = text;
    if (status.value) wanted.status = status.value;
    if (procedure.value) wanted.procedure_code = procedure.value;
    if (overdue.value) wanted.overdue = overdue.value === "true";
    const span = { received_from: from.day(), received_to: to.day() };
    for (const [name, day] of Object.entries(span)) if (day) wanted[name] = day;
    if (fault) search.input.focus();
    return fault || Object.values(span).includes(undefined) ? null : wanted;
  };

  const load = async (wanted, { isTurned = false } = {}) => {
    turn += 1;
    const mine = turn;
    put(pager);
    results.setAttribute("aria-busy", "true");
    try {
      // In a body, so that no name or number ever stands in an address.
      const { body } = await api.post("/cases/search", { ...wanted, cursor: cursors.at(-1) });
      if (mine !== turn) return;
      const first = (cursors.length - 1) * PAGE_SIZE;
      put(results, caseTable(body.items, first, Object.keys(wanted).length > 1));
      showPager(wanted, body.next_cursor, first, body.items.length);
      if (isTurned) results.querySelector("[role=region]").focus();
    } catch (error) {
      if (mine === turn) put(results, failurePanel(error, { retry: () => load(wanted, { isTurned }) }));
    } finally {
      if (mine === turn) results.removeAttribute("aria-busy");
    }
  };
  // A page on or back is one of the list that is shown, whatever is typed by now.
  const showPager = (wanted, next, first, count) => {
    const turnBack = () => {
      cursors.pop();
      load(wanted, { isTurned: true });
    };
    const turnOn = () => {
      cursors.push(next);
      load(wanted, { isTurned: true });
    };
    put(
      pager,
      button("Trang trước", turnBack, { disabled: cursors.length === 1 }),
      h("span", {}, count ? `Hồ sơ ${first + 1}–${first + count}` : ""),
      button("Trang sau", turnOn, { disabled: next === null }),
    );
  };
  const restart = () => {
    const wanted = filters();
    cursors.splice(0, cursors.length, null);
    if (wanted !== null) return load(wanted);
    turn += 1;
    results.removeAttribute("aria-busy");
    put(pager);
    return put(results, h("p", { class: "note fair" }, "Sửa mục được nêu rồi tìm lại."));
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
