// What the two statistics have in common: a span of days, a grouping, the figures as CSV.

import { showDate } from "./claims.js";
import { dayField } from "./day_field.js";
import { button, choice, h, moment, put } from "./dom.js";
import { failurePanel } from "./failures.js";

const DAY_MS = 86_400_000;

/** Give the day `days` before today, in Vietnam, as dd/mm/yyyy. */
export function daysAgo(days) {
  return new Date(Date.now() - days * DAY_MS)
    .toLocaleDateString("sv-SE", { timeZone: "Asia/Ho_Chi_Minh" })
    .split("-")
    .reverse()
    .join("/");
}

/** Build the page; `draw(rows, grouping)` gives what is shown. */
export async function reportPage(page, { api, path, title, groupings, since, file, draw }) {
  const grouping = choice("Nhóm theo", groupings);
  const from = dayField("Từ ngày", { value: since });
  const to = dayField("Đến hết ngày", { isEnd: true, placeholder: "hôm nay" });
  const results = h("div", { class: "stack", "aria-live": "polite" });
  const query = () => {
    const wanted = { group_by: grouping.value };
    const span = { from: from.day(), to: to.day() };
    return Object.values(span).includes(undefined) ? null : { ...wanted, ...span };
  };
  let turn = 0;
  const load = async () => {
    const wanted = query();
    if (wanted === null) return;
    turn += 1;
    const mine = turn;
    results.setAttribute("aria-busy", "true");
    try {
      const { body } = await api.get(path, wanted);
      if (mine !== turn) return;
      put(results, h("p", { class: "hint" }, spanWords(wanted, body)), draw(body.rows, wanted.group_by));
    } catch (error) {
      if (mine === turn) put(results, failurePanel(error, { retry: load }));
    } finally {
      if (mine === turn) results.removeAttribute("aria-busy");
    }
  };
  const save = async () => {
    const wanted = query();
    if (wanted === null) return;
    try {
      const { body } = await api.send("GET", path, { query: wanted, as: "blob", headers: { Accept: "text/csv" } });
      const address = URL.createObjectURL(body);
      h("a", { href: address, download: file }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    } catch (error) {
      results.prepend(failurePanel(error));
    }
  };
  grouping.input.addEventListener("change", load);
  put(
    page,
    h("div", { class: "page-head" }, h("h1", {}, title), button("Tải bảng CSV", save)),
    h(
      "form",
      {
        class: "row report-form",
        onsubmit: (event) => {
          event.preventDefault();
          load();
        },
      },
      grouping.element,
      from.element,
      to.element,
      button("Xem", null, { type: "submit", kind: "primary" }),
    ),
    results,
  );
  put(results, h("p", { class: "loading" }, "Đang tính…"));
  await load();
}

// What was counted: the answer knows best, and says so where it chose itself.
function spanWords(wanted, body) {
  const since = moment(body.from) ?? showDate(wanted.from);
  const until = moment(body.to) ?? showDate(wanted.to);
  return `Số liệu ${since ? `từ ${since}` : "từ hồ sơ đầu tiên"} ${until ? `đến trước ${until}` : "đến nay"}.`;
}
