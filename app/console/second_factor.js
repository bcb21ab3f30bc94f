// Xác thực hai yếu tố: enrolling a phone, and taking it away again. The secret is shown once and kept nowhere.

import { button, field, h, icon, openDialog, put, s } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";

// What phones need around a code to find it (ISO/IEC 18004).
const MARGIN = 4;

/** Draw a QR code from its rows of 0 and 1. */
export function qrPicture(rows, words) {
  const size = rows.length + 2 * MARGIN;
  const dark = rows.flatMap((row, y) =>
    [...row].flatMap((module, x) => (module === "1" ? [`M${x + MARGIN} ${y + MARGIN}h1v1h-1z`] : [])),
  );
  return s(
    "svg",
    { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": words, "shape-rendering": "crispEdges" },
    s("path", { d: dark.join("") }),
  );
}

/** Enrol a phone within `place`; `onDone` is called when a code of it was accepted. */
export function enrol(place, { api, onDone }) {
  const password = field("Mật khẩu của bạn", {
    type: "password",
    autocomplete: "current-password",
    required: true,
    hint: "Để chắc chắn chính bạn đăng ký điện thoại này.",
  });
  const message = h("div", {});
  const ask = async (event) => {
    event.preventDefault();
    if (go.getAttribute("aria-busy") === "true") return;
    password.showError(password.input.value ? null : "Không được để trống.");
    if (!password.input.value) return void password.input.focus();
    go.setAttribute("aria-busy", "true");
    put(message);
    try {
      const { body: offer } = await api.post("/me/second-factor", { current_password: password.input.value });
      confirmCode(place, { api, offer, onDone });
    } catch (error) {
      if (!showFaults(error, (pointer) => (pointer === "/current_password" ? password : null)))
        put(message, failurePanel(error));
    } finally {
      go.removeAttribute("aria-busy");
    }
  };
  const go = button("Tiếp tục", null, { kind: "primary", type: "submit" });
  put(place, h("form", { class: "stack", novalidate: true, onsubmit: ask }, password.element, message, h("div", {}, go)));
  password.input.focus();
}

function confirmCode(place, { api, offer, onDone }) {
  const code = field("Mã 6 số trên điện thoại", {
    inputmode: "numeric",
    autocomplete: "one-time-code",
    maxlength: 6,
    required: true,
    hint: "Mã đổi mỗi 30 giây. Mã đã dùng để xác nhận không dùng lại để đăng nhập.",
  });
  const message = h("div", {});
  const confirm = async (event) => {
    event.preventDefault();
    if (go.getAttribute("aria-busy") === "true") return;
    if (!/^[0-9]{6}$/.test(code.value)) {
      code.showError("Mã gồm đúng 6 chữ số.");
      code.input.focus();
      return;
    }
    go.setAttribute("aria-busy", "true");
    put(message);
    try {
      await api.put("/me/second-factor", { otp: code.value });
      onDone();
    } catch (error) {
      if (!showFaults(error, (pointer) => (pointer === "/otp" ? code : null))) put(message, failurePanel(error));
    } finally {
      go.removeAttribute("aria-busy");
    }
  };
  const go = button("Xác nhận mã", null, { kind: "primary", type: "submit" });
  put(
    place,
    h(
      "div",
      { class: "enrolment" },
      qrPicture(offer.qr_rows, "Mã QR của khóa bí mật; khóa dạng chữ ở ngay bên cạnh"),
      h(
        "form",
        { class: "stack", novalidate: true, onsubmit: confirm },
        h(
          "ol",
          {},
          h("li", {}, "Mở ứng dụng mã xác thực (TOTP) trên điện thoại."),
          h("li", {}, "Quét mã QR, hoặc nhập khóa dưới đây bằng tay."),
          h("li", {}, "Nhập mã 6 số mà điện thoại đang hiện."),
        ),
        h(
          "p",
          {},
          h("span", { class: "label" }, "Khóa bí mật: "),
          h("code", { class: "secret" }, offer.secret.replace(/(.{4})(?=.)/g, "$1 ")),
        ),
        h("p", { class: "hint" }, "Khóa chỉ hiện một lần này. Không gửi, không chụp lại, không cho ai xem."),
        code.element,
        message,
        h("div", {}, go),
      ),
    ),
  );
  code.input.focus();
}

/** Ask an administrator whether to take an officer's second factor away, and do it. */
export function openRemovalDialog({ api, username, onRemoved }) {
  const dialog = openDialog(document, `Gỡ xác thực hai yếu tố của ${username}`);
  const message = h("div", {});
  const remove = async () => {
    if (go.getAttribute("aria-busy") === "true") return;
    go.setAttribute("aria-busy", "true");
    put(message);
    try {
      await api.send("DELETE", `/officers/${encodeURIComponent(username)}/second-factor`);
      dialog.close();
      onRemoved(`Đã gỡ xác thực hai yếu tố của ${username}.`);
    } catch (error) {
      put(message, failurePanel(error, { retry: remove }));
    } finally {
      go.removeAttribute("aria-busy");
    }
  };
  const go = button("Gỡ", remove, { kind: "danger" });
  put(
    dialog.body,
    h(
      "p",
      { class: "note fair" },
      icon("warn"),
      " Chỉ gỡ khi chắc chắn đây là yêu cầu của chính người dùng, ví dụ mất hoặc đổi điện thoại. Việc gỡ được ghi lại.",
    ),
    h("p", {}, "Sau khi gỡ, đăng nhập chỉ cần mật khẩu cho đến khi người dùng đăng ký điện thoại khác."),
    message,
  );
  put(dialog.foot, button("Đóng", dialog.close), go);
}
