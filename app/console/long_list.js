// A list that comes in parts, each under the one before. "Xem thêm" goes on with what was asked, whatever is typed since.

import { button, h, put } from "./dom.js";
import { failurePanel } from "./failures.js";

/** `read(asked, cursor)` gives a part, `draw(items, asked)` what is shown; `onFault` may take a failure away. */
export function longList(read, draw, { onFault = () => false } = {}) {
  const results = h("div", { class: "results", "aria-live": "polite" });
  const more = h("div", { class: "pager" });
  let turn = 0;
  const clear = (...words) => {
    turn += 1;
    results.removeAttribute("aria-busy");
    put(results, ...words);
    put(more);
  };
  const load = async (asked, items = [], cursor = null) => {
    if (cursor === null) clear(h("p", { class: "loading" }, "Đang tải…"));
    turn += 1;
    const mine = turn;
    put(more);
    results.setAttribute("aria-busy", "true");
    try {
      const { body } = await read(asked, cursor);
      if (mine !== turn) return;
      const all = [...items, ...body.items];
      put(results, draw(all, asked));
      put(more, body.next_cursor && button("Xem thêm", () => load(asked, all, body.next_cursor)));
      // The button is gone that had the focus; nothing may jump away from what was read last.
      if (cursor !== null) results.querySelector("[role=region]")?.focus({ preventScroll: true });
    } catch (error) {
      if (mine !== turn) return;
      const panel = () => failurePanel(error, { retry: () => load(asked, items, cursor) });
      if (cursor === null) put(results, onFault(error) ? null : panel());
      else put(more, panel());
    } finally {
      if (mine === turn) results.removeAttribute("aria-busy");
    }
  };
  return { results, more, load, clear };
}
