// Bar charts as drawings. Each stands beside a table with the same figures, which is what assistive tools read.

import { figure, h, s } from "./dom.js";

const WIDTH = 720;
const LABEL_WIDTH = 230;
const BAR = 22;
const GAP = 12;
const MOST_LETTERS = 30;
const MOST_BARS = 31;

/**
 * Draw a bar for each row: {name, parts: [numbers]}; `series` names the parts, `colours` numbers their colours. Of too
 * many rows only the last are drawn, which is said.
 */
export function barChart(title, series, all, colours = [0, 1, 2, 3]) {
  const rows = all.slice(-MOST_BARS);
  const largest = Math.max(1, ...rows.map((row) => sum(row.parts)));
  const scale = (WIDTH - LABEL_WIDTH - 60) / largest;
  const height = rows.length * (BAR + GAP) + GAP;
  const drawing = s(
    "svg",
    {
      class: "chart",
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: "img",
      "aria-label": `${title}. Số liệu có trong bảng.`,
    },
    s("line", { class: "axis", x1: LABEL_WIDTH, x2: LABEL_WIDTH, y1: 0, y2: height }),
    rows.map((row, index) => bar(row, GAP + index * (BAR + GAP), scale, colours)),
  );
  const legend =
    series.length > 1 &&
    h(
      "p",
      { class: "legend" },
      series.map((name, index) => h("span", {}, h("i", { class: `series-${colours[index]}` }), name)),
    );
  const note =
    rows.length < all.length &&
    h("p", { class: "hint" }, `Biểu đồ chỉ vẽ ${rows.length} nhóm cuối trong ${all.length}, bảng số liệu có đủ.`);
  return h("figure", { class: "stack" }, legend, drawing, note);
}

function bar(row, top, scale, colours) {
  let left = LABEL_WIDTH + 1;
  const parts = row.parts.map((part, index) => {
    const piece = s("rect", { class: `series-${colours[index]}`, x: left, y: top, width: part * scale, height: BAR });
    left += part * scale;
    return piece;
  });
  const name = row.name.length > MOST_LETTERS ? `${row.name.slice(0, MOST_LETTERS - 1)}…` : row.name;
  return s(
    "g",
    {},
    s("title", {}, row.name),
    s("text", { x: LABEL_WIDTH - 10, y: top + 16, "text-anchor": "end" }, name),
    parts,
    s("text", { x: left + 8, y: top + 16 }, figure(sum(row.parts))),
  );
}

function sum(parts) {
  return parts.reduce((total, part) => total + part, 0);
}
