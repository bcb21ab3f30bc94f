// The dialog that an agency, officer, connected system or procedure is written in, and saved from.

import { isUnsettled } from "./api.js";
import { isThere } from "./directory_entries.js";
import { button, h, openDialog, put } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";
import { guardTyping } from "./unsaved.js";

const NOT_SEEN = "thay đổi vừa gửi chưa được lưu, hoặc chưa rõ đã lưu hay chưa. Hãy mở lại mục này để xem.";

/** The first of `fields` is what names the entry; `taken` says of a new one that there is such an entry already. */
export function openForm(
  { api, one, onSaved, tell },
  { title, fields, required, more = [], aside, path, body, words, taken, saving = "Lưu", check = () => {} },
) {
  const dialog = openDialog(document, title, { wide: true });
  const message = h("div", {});
  const shown = Object.entries(fields).filter(([, field]) => field !== null);
  const key = shown[0][1];
  const fieldOf = (pointer) =>
    shown.find(([place]) => pointer === place || pointer.startsWith(`${place}/`) || `/${pointer}` === place)?.[1];
  const isWrong = () => {
    for (const field of required)
      field.showError(field.input.value ? (field.fault?.() ?? null) : "Không được để trống.");
    check();
    const wrong = dialog.element.querySelector("[aria-invalid]");
    wrong?.focus();
    return wrong !== null;
  };
  // Where something was sent to of which it is not known whether it was saved.
  let unsettled = null;
  const save = async () => {
    if (go.getAttribute("aria-busy") === "true" || isWrong()) return;
    go.setAttribute("aria-busy", "true");
    put(message);
    let sent = null;
    try {
      // The service replaces what is there, and who adds does not mean to; what may have been saved just now is his own.
      if (one === null && unsettled !== path() && (await isThere(api, path()))) {
        key.showError(taken);
        key.input.focus();
        return;
      }
      // Given up before anything was sent.
      if (!dialog.element.open) return;
      sent = path();
      await api.put(sent, body());
      dialog.close();
      onSaved(words());
    } catch (error) {
      if (isUnsettled(error)) unsettled = sent ?? unsettled;
      if (!dialog.element.open) return tell(`${title}: ${NOT_SEEN}`);
      if (error.code === "validation-failed" && showFaults(error, fieldOf)) return;
      put(message, failurePanel(error, { retry: save }));
      message.scrollIntoView({ block: "nearest" });
    } finally {
      go.removeAttribute("aria-busy");
    }
  };
  const go = button(saving, save, { kind: "primary" });
  put(
    dialog.body,
    h(
      "div",
      { class: "grid" },
      shown.map(([, field]) => field.element),
    ),
    more,
    message,
  );
  put(
    dialog.foot,
    button("Đóng", dialog.leave),
    aside && button(aside.words, () => aside.act(dialog.close), { kind: "danger" }),
    go,
  );
  guardTyping(dialog);
  (key.input.readOnly ? shown[1][1] : key).input.focus();
}
