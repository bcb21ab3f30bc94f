// Thống kê hồ sơ: how many cases, how many in time, how many late.

import { STATUSES } from "./case_words.js";
import { barChart } from "./charts.js";
import { figure, h, table } from "./dom.js";
import { everyPage } from "./api.js";
import { daysAgo, reportPage } from "./report_frame.js";

const GROUPINGS = [
  ["status", "Trạng thái"],
  ["procedure", "Thủ tục"],
  ["agency", "Cơ quan"],
  ["day", "Ngày"],
  ["officer", "Cán bộ"],
];
const SERIES = ["Đang giải quyết", "Đúng hạn", "Quá hạn", "Từ chối, rút, dừng"];
const HEADS = ["Nhóm", "Tiếp nhận", "Đang giải quyết", "Giải quyết đúng hạn", "Giải quyết quá hạn", "Đang quá hạn"];

export async function show(page, { api }) {
  const names = Object.fromEntries(
    (await everyPage(api, "/procedures")).map((one) => [one.code, `${one.name} (${one.code})`]),
  );
  await reportPage(page, {
    api,
    path: "/reports/cases",
    title: "Thống kê hồ sơ",
    groupings: GROUPINGS,
    since: daysAgo(90),
    file: "thong-ke-ho-so.csv",
    draw: (rows, grouping) =>
      draw(
        rows.map((row) => ({ ...row, name: nameOf(row.group, grouping, names) })),
        grouping,
      ),
  });
}

function nameOf(group, grouping, names) {
  if (grouping === "status") return STATUSES[group] ?? group;
  if (grouping === "procedure") return names[group] ?? group;
  if (grouping === "day") return group.split("-").reverse().join("/");
  return group || "(hệ thống)";
}

function draw(rows, grouping) {
  const total = (name) => rows.reduce((sum, row) => sum + row[name], 0);
  const closed = total("completed_on_time") + total("completed_late");
  const share = closed ? `${figure((100 * total("completed_on_time")) / closed)}%` : "–";
  const word = GROUPINGS.find(([code]) => code === grouping)[1].toLowerCase();
  const bars = rows.map((row) => {
    const parts = [row.in_progress, row.completed_on_time, row.completed_late];
    return { name: row.name, parts: [...parts, row.received - parts.reduce((sum, part) => sum + part, 0)] };
  });
  return [
    h(
      "div",
      { class: "totals" },
      box(figure(total("received")), "hồ sơ tiếp nhận"),
      box(figure(total("in_progress")), "đang giải quyết"),
      box(share, "giải quyết đúng hạn", "good"),
      box(figure(total("completed_late")), "giải quyết quá hạn", total("completed_late") ? "bad" : ""),
      box(figure(total("overdue_now")), "đang quá hạn", total("overdue_now") ? "bad" : ""),
    ),
    h(
      "div",
      { class: "columns even" },
      h(
        "section",
        { class: "card" },
        h("h2", {}, `Hồ sơ theo ${word}`),
        rows.length
          ? barChart(`Hồ sơ theo ${word}`, SERIES, bars)
          : h("p", { class: "hint" }, "Không có hồ sơ nào trong khoảng thời gian này."),
      ),
      h(
        "section",
        { class: "card" },
        h("h2", {}, "Bảng số liệu"),
        table(
          `Hồ sơ theo ${word}`,
          HEADS,
          rows.map((row) =>
            [row.name, row.received, row.in_progress, row.completed_on_time, row.completed_late, row.overdue_now].map(
              (value) => (typeof value === "number" ? figure(value) : value),
            ),
          ),
        ),
      ),
    ),
  ];
}

function box(value, words, kind = "") {
  return h("div", { class: `total ${kind}` }, h("p", {}, value), h("p", {}, words));
}
