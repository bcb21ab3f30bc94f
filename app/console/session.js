// Who works here: log-in, the lock when a token has ended or nobody was at the desk, log-out.

import { Api, logIn } from "./api.js";
import { failurePanel } from "./failures.js";
import { button, field, h, icon, put } from "./dom.js";

const IDLE_LIMIT_MS = 15 * 60 * 1000;
const LOOK_EVERY_MS = 15 * 1000;

export class Session {
  constructor() {
    this.api = new Api({ renewToken: () => this._renew() });
    this.me = null;
    this._username = null;
    /** Whether log-in asks this officer for a code. */
    this.asksCode = false;
    this._renewing = null;
    this._lastSign = Date.now();
    for (const sign of ["keydown", "pointerdown"]) {
      document.addEventListener(
        sign,
        () => {
          this._lastSign = Date.now();
        },
        { capture: true, passive: true },
      );
    }
    setInterval(() => this._lockWhenIdle(), LOOK_EVERY_MS);
  }

  /** Show the log-in page in `place` until somebody is let in. */
  async begin(place) {
    const token = await new Promise((resolve) =>
      put(
        place,
        loginPage((granted) => resolve(granted), { username: null, asksCode: false }),
      ),
    );
    this._accept(token);
    this.me = (await this.api.get("/me")).body;
    return this.me;
  }

  may(scope) {
    return this.me.scopes.includes(scope);
  }

  _accept({ token, username, usedCode }) {
    this._username = username;
    this.asksCode = usedCode;
    this.api.use(token);
    this._lastSign = Date.now();
  }

  // Requests that need a token at the same moment wait for the same log-in.
  _renew() {
    this._renewing ??= this._unlock().finally(() => {
      this._renewing = null;
    });
    return this._renewing;
  }

  async _unlock() {
    let granted = null;
    await new Promise((resolve) => {
      const dialog = h("dialog", { class: "lock", "aria-label": "Phiên làm việc đã khóa" });
      dialog.append(
        loginPage((token) => {
          granted = token;
          dialog.close();
        }, { username: this._username, asksCode: this.asksCode }),
      );
      const open = () => {
        dialog.showModal();
        dialog.querySelector("input[type=password]").focus();
      };
      // Browsers let a second press of Escape close any dialog, whatever the page says.
      dialog.addEventListener("close", () => {
        if (granted === null) return open();
        dialog.remove();
        resolve();
      });
      document.body.append(dialog);
      open();
    });
    this._lastSign = Date.now();
    return granted.token;
  }

  _lockWhenIdle() {
    if (this.me === null || this._renewing !== null || Date.now() - this._lastSign < IDLE_LIMIT_MS) return;
    this.lock();
  }

  /** Forget the token and hide the page until the same officer is back; what was typed stays. */
  lock() {
    this.api.forget();
    this._renew().then((token) => this.api.use(token));
  }
}

/** `username` is given when the same officer must come back: then nobody else may. */
function loginPage(onGranted, { username, asksCode }) {
  const isReturn = username !== null;
  const name = field("Tên đăng nhập", {
    autocomplete: "username",
    name: "username",
    value: username ?? "",
    required: true,
    autocapitalize: "none",
    spellcheck: "false",
  });
  name.input.readOnly = isReturn;
  const password = field("Mật khẩu", {
    type: "password",
    autocomplete: "current-password",
    name: "password",
    required: true,
  });
  const otp = field("Mã xác thực 6 số", {
    inputmode: "numeric",
    autocomplete: "one-time-code",
    maxlength: 10,
    hint: "Chỉ dành cho tài khoản đã đăng ký xác thực hai yếu tố.",
  });
  const message = h("div", { class: "login-message", "aria-live": "assertive" });
  const submit = button("Đăng nhập", null, { kind: "primary big", type: "submit" });
  const attempt = async (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-busy") === "true") return;
    if (!name.value) name.showError("Chưa nhập tên đăng nhập.");
    if (!password.input.value) password.showError("Chưa nhập mật khẩu.");
    if (!name.value || !password.input.value) return (name.value ? password : name).input.focus();
    submit.setAttribute("aria-busy", "true");
    put(message);
    try {
      const token = await logIn({ username: name.value, password: password.input.value, otp: otp.value });
      onGranted({ token: token.access_token, username: name.value, usedCode: otp.value !== "" });
    } catch (error) {
      put(message, error.refused ? refusedPanel() : failurePanel(error));
      password.input.value = "";
      // A code opens nothing twice.
      otp.input.value = "";
      password.input.focus();
    } finally {
      submit.removeAttribute("aria-busy");
    }
  };
  const leave = isReturn && button("Đăng xuất", () => location.reload(), { kind: "quiet" });
  const page = h(
    "main",
    { class: "login" },
    h(
      "div",
      { class: "login-card" },
      h(
        "div",
        { class: "login-brand" },
        icon("home", "big"),
        h(
          "div",
          {},
          h("p", { class: "brand" }, "Một cửa – Dân cư"),
          h("p", {}, "Hệ thống Một cửa điện tử kết nối CSDL quốc gia về dân cư"),
        ),
      ),
      h(
        "form",
        { novalidate: true, onsubmit: attempt },
        h("h1", {}, isReturn ? "Phiên làm việc đã khóa" : "Đăng nhập"),
        isReturn && h("p", {}, "Nhập lại mật khẩu để làm tiếp. Nội dung đang nhập vẫn được giữ."),
        name.element,
        password.element,
        h("details", { open: asksCode }, h("summary", {}, "Xác thực hai yếu tố"), otp.element),
        message,
        submit,
        leave,
      ),
    ),
  );
  setTimeout(() => (isReturn ? password : name).input.focus());
  return page;
}

function refusedPanel() {
  return h(
    "p",
    { class: "note bad", role: "alert" },
    "Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng. Sau 5 lần sai, tài khoản bị khóa 15 phút.",
  );
}
