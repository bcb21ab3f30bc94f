// What the two statistics have in common: a span of days, a grouping, the figures as CSV.

import { button, choice, field, h, put } from "./dom.js";
import { parseDate } from "./claims.js";
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
  const from = field("Từ ngày", { value: since, placeholder: "dd/mm/yyyy" });
  const to = field("Đến hết ngày", { placeholder: "hôm nay" });
  const results = h("div", { class: "stack", "aria-live": "polite" });
  const query = () => {
    const wanted = { group_by: grouping.value };
    for (const [name, box, days] of [
      ["from", from, 0],
      ["to", to, 1],
    ]) {
      if (!box.value) continue;
      const day = parseDate(box.value);
      if (day?.length !== 10) {
        box.showError("Nhập ngày/tháng/năm.");
        box.input.focus();
        return null;
      }
      wanted[name] = new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
    }
    return wanted;
  };
  const load = async () => {
    const wanted = query();
    if (wanted === null) return;
    results.setAttribute("aria-busy", "true");
    try {
      const { body } = await api.get(path, wanted);
      put(results, draw(body.rows, wanted.group_by));
    } catch (error) {
      put(results, failurePanel(error, { retry: load }));
    } finally {
      results.removeAttribute("aria-busy");
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
