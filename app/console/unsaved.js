// What was typed and is not saved yet: no dialog closes over it, and no page is left with it, before the officer says so.

import { button, h, openDialog, put } from "./dom.js";

const guarded = new WeakMap();

/** Let a dialog, filled already, close by its cross, "Đóng" and Escape only after asking, once something was typed. */
export function guardTyping(dialog, onDiscard = () => {}) {
  const { element } = dialog;
  const before = typedIn(element);
  const isTyped = () => typedIn(element) !== before;
  guarded.set(element, isTyped);
  element.addEventListener("cancel", (event) => {
    if (!isTyped()) return;
    event.preventDefault();
    askToDiscard("Đóng thì nội dung đã nhập sẽ mất.", "Đóng, không lưu", () => {
      onDiscard();
      dialog.close();
    });
  });
  // Browsers let a second press of Escape close any dialog, whatever is said to its "cancel".
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isTyped()) return;
    event.preventDefault();
    dialog.leave();
  });
}

/** Tell whether an open dialog holds what was typed. */
export function isTypedInDialog() {
  return [...document.querySelectorAll("dialog[open]")].some((element) => guarded.get(element)?.());
}

/** Ask whether what was typed may be lost; gives the dialog. */
export function askToDiscard(words, leave, onLeave) {
  const question = openDialog(document, "Nội dung chưa được lưu");
  put(question.body, h("p", {}, words));
  put(
    question.foot,
    button("Ở lại", question.close, { kind: "primary" }),
    button(
      leave,
      () => {
        question.close();
        onLeave();
      },
      { kind: "danger" },
    ),
  );
  return question;
}

function typedIn(element) {
  const controls = [...element.querySelectorAll("input, select, textarea")];
  return JSON.stringify(controls.map((one) => (one.type === "checkbox" ? one.checked : one.value)));
}
