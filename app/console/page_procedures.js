// Thủ tục: what each procedure is, which lookups it allows and which fields it may receive.

import { everyPage } from "./api.js";
import { LEVELS, LOOKUP_KINDS } from "./case_words.js";
import { openAsItIs } from "./directory_entries.js";
import { button, h, put, saved, table } from "./dom.js";
import { failurePanel } from "./failures.js";
import { openProcedureDialog } from "./procedure_dialog.js";

export async function show(page, { api, tell }) {
  const results = h("div", { class: "results", "aria-live": "polite" });
  const failure = h("div", {});
  const onSaved = (words) => (page.isConnected ? load(words) : tell(words));
  const open = (one) => openProcedureDialog({ api, one, onSaved, tell });
  const edit = (code, pressed) =>
    openAsItIs(api, `/procedures/${encodeURIComponent(code)}`, { pressed, place: failure, open });
  const load = async (message = null) => {
    try {
      const all = await everyPage(api, "/procedures");
      put(
        results,
        saved(message),
        table(
          "Thủ tục hành chính",
          ["Mã", "Tên thủ tục", "Mức độ", "Số ngày", "Tra cứu được phép", "Hiệu lực", "Thao tác"],
          all.map((one) => [
            h("span", { class: "number" }, one.code),
            one.name,
            LEVELS[one.level],
            one.processing_days,
            one.lookups.map((kind) => LOOKUP_KINDS[kind]).join(", ") || "Không",
            h("span", { class: `badge ${one.is_active ? "good" : "unknown"}` }, one.is_active ? "Đang dùng" : "Ngừng"),
            button("Sửa", (event) => edit(one.code, event.currentTarget), { "aria-label": `Sửa thủ tục ${one.code}` }),
          ]),
        ),
      );
    } catch (error) {
      put(results, saved(message), failurePanel(error, { retry: () => load(message) }));
    }
  };
  put(
    page,
    h(
      "div",
      { class: "page-head" },
      h("h1", {}, "Thủ tục hành chính"),
      button("Thêm thủ tục", () => open(null), { kind: "primary", symbol: "plus" }),
    ),
    h("div", {}, failure, results),
  );
  put(results, h("p", { class: "loading" }, "Đang tải…"));
  await load();
}
