// Builds pages out of elements. Whatever comes from outside becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: h("p", {class: "lead"}, "text", child). Functions are listeners, null attributes are left out. */
export function h(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Make an element of a drawing. */
export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replace what is in an element. */
export function put(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

const PATHS = {
  check: "M5 13l4 4L19 7",
  cross: "M6 6l12 12M18 6L6 18",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.5",
  wait: "M12 3a9 9 0 1 1-9 9",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z",
  plus: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM16 16l5 5",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  broken: "M3 12h5l2-4 3 9 2-5h6M12 2v2M12 20v2",
  person: "M12 4a4 4 0 1 1 0 8a4 4 0 0 1 0-8zM4 21a8 8 0 0 1 16 0",
  home: "M4 20V10l8-6 8 6v10h-6v-6h-4v6z",
  record: "M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h4",
  question: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.5",
};

/** A picture beside words; it says nothing on its own. */
export function icon(name, extra = "") {
  return s(
    "svg",
    { class: `icon ${extra}`, viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("path", { d: PATHS[name] }),
  );
}

let counter = 0;

/** Give an id that no other element has. */
export function newId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** A button. `kind` is primary, quiet, danger or nothing. */
export function button(text, onclick, { kind = "", symbol = null, ...attributes } = {}) {
  return h(
    "button",
    { type: "button", class: `button ${kind}`, onclick, ...attributes },
    symbol && icon(symbol),
    h("span", {}, text),
  );
}

/** An input with its label, hint and place for an error. `control` is made if none is given. */
export function field(label, { hint = "", control = null, required = false, wide = false, ...attributes } = {}) {
  const input = control ?? h("input", { type: "text", autocomplete: "off", ...attributes });
  input.id ||= newId("field");
  const hintText = h("p", { class: "hint", id: `${input.id}-hint` }, hint);
  const errorText = h("p", { class: "error", id: `${input.id}-error`, hidden: true });
  input.setAttribute("aria-describedby", `${hintText.id} ${errorText.id}`);
  if (required) input.setAttribute("aria-required", "true");
  const element = h(
    "div",
    { class: wide ? "field wide" : "field" },
    h("label", { for: input.id }, label, required && h("span", { class: "required", "aria-hidden": "true" }, " *")),
    input,
    hint ? hintText : h("span", { id: hintText.id, hidden: true }),
    errorText,
  );
  const showError = (message) => {
    errorText.hidden = !message;
    put(errorText, message ?? "");
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => showError(null));
  return {
    element,
    input,
    showError,
    get value() {
      return input.value.trim();
    },
  };
}

/** A choice: options are [value, text] pairs. */
export function choice(label, options, { value = "", ...more } = {}) {
  const control = h(
    "select",
    { name: more.name },
    options.map(([code, text]) => h("option", { value: code }, text)),
  );
  control.value = value;
  if (control.selectedIndex < 0) control.selectedIndex = 0;
  return field(label, { control, ...more });
}

/** Names with what is known of each; missing ones say so. */
export function facts(rows, { missing = "Chưa có thông tin" } = {}) {
  return h(
    "dl",
    { class: "facts" },
    rows.map(([name, value]) =>
      h(
        "div",
        {},
        h("dt", {}, name),
        value === null || value === undefined || value === ""
          ? h("dd", { class: "missing" }, missing)
          : h("dd", {}, value),
      ),
    ),
  );
}

/** A table with a caption; cells are texts or nodes. The caption is shown only to those who listen. */
export function table(caption, heads, rows, { rowClass = () => "", empty = "Không có dữ liệu." } = {}) {
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((head) => h("th", { scope: "col" }, head)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.length === 0
          ? h("tr", {}, h("td", { class: "empty", colspan: heads.length }, empty))
          : rows.map((cells, index) =>
              h(
                "tr",
                { class: rowClass(index) || null },
                cells.map((cell) => h("td", {}, cell ?? "–")),
              ),
            ),
      ),
    ),
  );
}

/** Say that something was done; nothing where there is no message. */
export function saved(message) {
  return message && h("p", { class: "note good", role: "status" }, message);
}

const STAMP = new Intl.DateTimeFormat("vi-VN", {
  timeZone: "Asia/Ho_Chi_Minh",
  day: "2-digit",
  month: "2-digit",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** Write a moment as an officer reads it: 23/11/2026 08:00, of Vietnam's time. */
export function moment(text, { seconds = false } = {}) {
  if (!text) return null;
  const parts = Object.fromEntries(STAMP.formatToParts(new Date(text)).map((part) => [part.type, part.value]));
  const tail = seconds ? `:${String(new Date(text).getSeconds()).padStart(2, "0")}` : "";
  return `${parts.day}/${parts.month}/${parts.year} ${parts.hour}:${parts.minute}${tail}`;
}

/** Write a number with a comma, as is done in Vietnam. */
export function figure(number) {
  return new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 1 }).format(number);
}

/**
 * Open a modal dialog in the document or a shadow root; the caller fills `body` and `foot`. `close` closes it; `leave`
 * does so as Escape does, unless something prevents the dialog's "cancel".
 */
export function openDialog(root, title, { wide = false } = {}) {
  const heading = h("h2", { id: newId("dialog"), tabindex: "-1" }, title);
  // Focusable, so that arrow keys scroll what is longer than the screen.
  const body = h("div", { class: "dialog-body", tabindex: "0", role: "group", "aria-labelledby": heading.id });
  const foot = h("div", { class: "dialog-foot" });
  const close = () => element.close();
  const leave = () => {
    if (element.dispatchEvent(new Event("cancel", { cancelable: true }))) close();
  };
  const element = h(
    "dialog",
    { class: wide ? "wide" : null, "aria-labelledby": heading.id },
    h(
      "div",
      { class: "dialog-head" },
      heading,
      h("button", { type: "button", class: "close", "aria-label": "Đóng", onclick: leave }, icon("cross")),
    ),
    body,
    foot,
  );
  // The browser itself gives the focus back to where it was.
  element.addEventListener("close", () => element.remove());
  (root === document ? document.body : root).append(element);
  element.showModal();
  heading.focus();
  return { element, body, foot, close, leave };
}
