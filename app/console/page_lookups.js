// Thống kê tra cứu: how much was asked of the register, and what an auditor should ask about.

import { LOOKUP_KINDS, resultWords } from "./case_words.js";
import { barChart } from "./charts.js";
import { figure, h, put, table } from "./dom.js";
import { failurePanel } from "./failures.js";
import { daysAgo, reportPage } from "./report_frame.js";

const GROUPINGS = [
  ["officer", "Cán bộ"],
  ["agency", "Cơ quan"],
  ["procedure", "Thủ tục"],
  ["kind", "Loại tra cứu"],
  ["result", "Kết quả"],
  ["day", "Ngày"],
];
const TIED_OR_NOT = [0, 4];

export async function show(page, { api }) {
  const counts = h("div", { class: "stack" });
  const signs = h(
    "section",
    { class: "card" },
    h("h2", {}, "Dấu hiệu bất thường trong 7 ngày qua"),
    h("p", { class: "loading" }, "Đang xem xét…"),
  );
  put(page, counts, signs);
  await reportPage(counts, {
    api,
    path: "/reports/lookups",
    title: "Thống kê tra cứu",
    groupings: GROUPINGS,
    since: daysAgo(30),
    file: "thong-ke-tra-cuu.csv",
    draw,
  });
  const heading = signs.firstElementChild;
  try {
    const { body } = await api.get("/reports/snooping");
    put(
      signs,
      heading,
      h("p", { class: "hint" }, "Mỗi dấu hiệu là lý do để hỏi, không phải bằng chứng vi phạm."),
      table(
        "Dấu hiệu bất thường",
        ["Dấu hiệu", "Cán bộ", "Cơ quan", "Số lượng", "Bản ghi"],
        body.findings.map((one) => [
          one.explanation,
          one.officers.join(", "),
          one.agencies.join(", "),
          figure(one.count),
          one.sequences.map((sequence, index) => [
            index ? ", " : "",
            h("a", { href: `#/nhat-ky/${sequence}` }, sequence),
          ]),
        ]),
        { empty: "Không có dấu hiệu nào." },
      ),
    );
  } catch (error) {
    put(signs, heading, failurePanel(error));
  }
}

function draw(rows, grouping) {
  const word = GROUPINGS.find(([code]) => code === grouping)[1].toLowerCase();
  const named = rows.map((row) => ({ ...row, name: nameOf(row.group, grouping) }));
  return h(
    "div",
    { class: "columns even" },
    h(
      "section",
      { class: "card" },
      h("h2", {}, `Lượt tra cứu theo ${word}`),
      rows.length
        ? barChart(
            `Lượt tra cứu theo ${word}`,
            ["Gắn với hồ sơ", "Không gắn với hồ sơ"],
            named.map((row) => ({ name: row.name, parts: [row.lookups - row.without_case, row.without_case] })),
            TIED_OR_NOT,
          )
        : h("p", { class: "hint" }, "Không có lượt tra cứu nào."),
    ),
    h(
      "section",
      { class: "card" },
      h("h2", {}, "Bảng số liệu"),
      table(
        `Lượt tra cứu theo ${word}`,
        ["Nhóm", "Lượt tra cứu", "Không gắn với hồ sơ"],
        named.map((row) => [row.name, figure(row.lookups), figure(row.without_case)]),
      ),
    ),
  );
}

function nameOf(group, grouping) {
  if (!group) return "(không có)";
  if (grouping === "kind") return LOOKUP_KINDS[group] ?? group;
  if (grouping === "result") return resultWords(group);
  return grouping === "day" ? group.split("-").reverse().join("/") : group;
}
