// Tài khoản của tôi: the own second factor and password, for every role.

import { button, facts, field, h, moment, put, saved } from "./dom.js";
import { failurePanel, showFaults } from "./failures.js";
import { ROLES } from "./role_words.js";
import { enrol, openRemovalDialog } from "./second_factor.js";

const RELOAD = "Đăng nhập lại";

export async function show(page, { api, me, may, onSecondFactor }) {
  put(page, h("p", { class: "loading" }, "Đang tải tài khoản…"));
  const reload = async (message = null) => {
    try {
      const { body: account } = await api.get("/me/account");
      onSecondFactor(account.has_second_factor);
      put(
        page,
        h("div", { class: "page-head" }, h("h1", {}, "Tài khoản của tôi")),
        saved(message),
        duties(account, me),
        h(
          "div",
          { class: "columns even" },
          h("div", { class: "stack" }, secondFactor({ account, api, me, may, reload }), person(me, account)),
          password({ api, account }),
        ),
      );
    } catch (error) {
      put(page, h("h1", {}, "Tài khoản của tôi"), failurePanel(error, { retry: () => reload() }));
    }
  };
  await reload();
}

/** What keeps the officer from working, until it is done and he has logged in anew. */
function duties(account, me) {
  const open = [
    account.needs_second_factor && "đăng ký xác thực hai yếu tố",
    account.needs_new_password && "đổi mật khẩu",
  ].filter(Boolean);
  if (open.length)
    return h(
      "p",
      { class: "note fair", role: "status" },
      `Trước khi làm việc, tài khoản này phải ${open.join(" và ")}. Sau đó đăng nhập lại.`,
    );
  // The token was given before, and still has no rights.
  if (me.scopes.length === 0)
    return h(
      "p",
      { class: "note good row", role: "status" },
      "Đã xong. Đăng nhập lại để bắt đầu làm việc.",
      button(RELOAD, () => location.reload(), { kind: "primary" }),
    );
  return null;
}

function person(me, account) {
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Người dùng"),
    facts([
      ["Tên đăng nhập", me.username],
      ["Họ và tên", me.full_name],
      ["Cơ quan", me.agency.name],
      ["Vai trò", me.roles.map((role) => ROLES[role]).join(", ")],
      ["Đặt mật khẩu lúc", moment(account.password_set_at)],
    ]),
  );
}

function secondFactor({ account, api, me, may, reload }) {
  const place = h("div", { class: "stack" });
  const card = h(
    "section",
    { class: "card" },
    h(
      "h2",
      {},
      "Xác thực hai yếu tố ",
      h(
        "span",
        { class: `badge ${account.has_second_factor ? "good" : "unknown"}` },
        account.has_second_factor ? "Đang dùng" : "Chưa đăng ký",
      ),
    ),
    place,
  );
  if (account.has_second_factor) {
    put(
      place,
      h("p", {}, "Mỗi lần đăng nhập, hệ thống hỏi thêm mã 6 số trên điện thoại của bạn."),
      may("admin")
        ? h(
            "div",
            {},
            button("Gỡ xác thực hai yếu tố", () => openRemovalDialog({ api, username: me.username, onRemoved: reload }), {
              kind: "danger",
            }),
          )
        : h("p", { class: "hint" }, "Mất hoặc đổi điện thoại: nhờ quản trị gỡ, rồi đăng ký lại tại đây."),
    );
    return card;
  }
  const begin = button(
    "Đăng ký điện thoại",
    () => {
      const onDone = () => reload("Đã bật xác thực hai yếu tố. Từ lần đăng nhập sau, hệ thống hỏi mã trên điện thoại.");
      enrol(place, { api, onDone });
    },
    { kind: "primary", symbol: "lock" },
  );
  put(
    place,
    h("p", {}, "Ngoài mật khẩu, đăng nhập cần thêm mã trên điện thoại: người biết mật khẩu của bạn vẫn không vào được."),
    h("div", {}, begin),
  );
  return card;
}

function password({ api, account }) {
  const current = secret("Mật khẩu hiện tại", "current-password");
  const wanted = secret(
    "Mật khẩu mới",
    "new-password",
    `Ít nhất ${account.has_second_factor ? 8 : 14} ký tự, gồm chữ thường, chữ hoa, chữ số và ký hiệu.`,
  );
  const again = secret("Nhập lại mật khẩu mới", "new-password");
  const message = h("div", {});
  const change = async (event) => {
    event.preventDefault();
    if (go.getAttribute("aria-busy") === "true") return;
    for (const one of [current, wanted, again]) one.showError(one.input.value ? null : "Không được để trống.");
    if (again.input.value && again.input.value !== wanted.input.value) again.showError("Hai lần nhập không giống nhau.");
    const wrong = form.querySelector("[aria-invalid]");
    if (wrong) return void wrong.focus();
    go.setAttribute("aria-busy", "true");
    put(message);
    try {
      await api.post("/me/password", { current_password: current.input.value, new_password: wanted.input.value });
      // The token is from before the new password, and ends.
      put(
        form,
        h("h2", {}, "Đổi mật khẩu"),
        h("p", { class: "note good", role: "status" }, "Đã đổi mật khẩu. Đăng nhập lại bằng mật khẩu mới."),
        h("div", {}, button(RELOAD, () => location.reload(), { kind: "primary" })),
      );
      form.querySelector(".button").focus();
    } catch (error) {
      const places = { "/current_password": current, "/new_password": wanted };
      if (!showFaults(error, (pointer) => places[pointer])) put(message, failurePanel(error));
    } finally {
      go.removeAttribute("aria-busy");
    }
  };
  const go = button("Đổi mật khẩu", null, { kind: "primary", type: "submit" });
  const form = h(
    "form",
    { class: "card stack", novalidate: true, onsubmit: change, "aria-label": "Đổi mật khẩu" },
    h("h2", {}, "Đổi mật khẩu"),
    current.element,
    wanted.element,
    again.element,
    message,
    h("div", {}, go),
  );
  return form;
}

function secret(label, autocomplete, hint = "") {
  return field(label, { type: "password", autocomplete, hint, required: true });
}
