// The forms of agencies, officers and connected systems. What is left empty of a secret stays as it was.

import { openForm } from "./directory_form.js";
import { choice, field, h } from "./dom.js";
import { ROLES } from "./role_words.js";
import { openRemovalDialog } from "./second_factor.js";

const GRANTS = {
  client_credentials: "Hệ thống tự đăng nhập (client_credentials)",
  password: "Cán bộ đăng nhập qua hệ thống (password)",
  "urn:ietf:params:oauth:grant-type:jwt-bearer": "Hệ thống bảo đảm cho cán bộ (jwt-bearer)",
};
const SCOPES = [
  "cases:read",
  "cases:write",
  "cases:status",
  "verify:id-card",
  "verify:household-head",
  "citizens:share",
  "reports:read",
  "audit:read",
  "admin",
];

// What an address of the service can name; anything else would be none of its pages.
const AGENCY = /^(?:[0-9]{3}(?:\.[0-9]{2,3}){2}\.[A-Z][0-9]{2}|[A-Z][0-9]{2}(?:\.[0-9]{1,3}){0,3})$/;
const ACCOUNT = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
const ACCOUNT_HINT = "Chữ không dấu, chữ số, dấu chấm, gạch.";

/** Each dialog needs `{api, one, agencies, onSaved, tell}`; `one` is null for a new one. */
export function openAgencyDialog(context) {
  const { one, agencies } = context;
  const code = keyField("Mã cơ quan", one?.code, "Ví dụ: H24.17", AGENCY);
  const name = field("Tên cơ quan", { value: one?.name ?? "", maxlength: 200, required: true });
  const parent =
    one?.parent === null
      ? null
      : choice("Cơ quan cấp trên", agencyOptions(agencies.filter((other) => other.code !== one?.code), one?.parent), {
          value: one?.parent,
        });
  openForm(context, {
    title: one ? `Sửa cơ quan ${one.code}` : "Thêm cơ quan",
    fields: { "/code": code, "/name": name, "/parent": parent },
    required: [code, name],
    path: () => `/agencies/${encodeURIComponent(code.value)}`,
    body: () => ({ name: name.value, parent: parent?.value ?? null }),
    taken: "Đã có cơ quan mang mã này. Đóng lại rồi bấm Sửa ở dòng của cơ quan đó.",
    words: () => `Đã lưu cơ quan ${code.value}.`,
  });
}

export function openOfficerDialog(context) {
  const { one, agencies } = context;
  const username = keyField("Tên đăng nhập", one?.username, ACCOUNT_HINT, ACCOUNT);
  const name = field("Họ và tên", { value: one?.full_name ?? "", maxlength: 200, required: true });
  const agency = choice("Cơ quan", agencyOptions(agencies, one?.agency), { value: one?.agency });
  const number = field("Số định danh 12 chữ số", {
    inputmode: "numeric",
    maxlength: 12,
    hint: one?.id_number ? `Đang có: ${one.id_number}. Để trống: giữ nguyên.` : "Bắt buộc khi tra cứu CSDL dân cư.",
  });
  const password = field(one ? "Mật khẩu mới" : "Mật khẩu", {
    type: "password",
    autocomplete: "new-password",
    hint: one ? "Để trống: giữ nguyên." : "Ít nhất 14 ký tự: chữ thường, chữ hoa, chữ số và ký hiệu.",
    required: !one,
  });
  const roles = checks("Vai trò", ROLES, one?.roles ?? ["receiver"]);
  const active = checks("Tình trạng", { on: "Tài khoản đang dùng" }, (one?.is_active ?? true) ? ["on"] : []);
  openForm(context, {
    title: one ? `Sửa tài khoản ${one.username}` : "Thêm cán bộ",
    fields: {
      "/username": username,
      "/full_name": name,
      "/agency": agency,
      "/id_number": number,
      "/password": password,
    },
    required: one ? [username, name] : [username, name, password],
    more: [roles.element, active.element],
    // Taken away by itself: what else is in the form is not saved with it.
    aside: one?.has_second_factor && {
      words: "Gỡ xác thực hai yếu tố",
      act: (close) =>
        openRemovalDialog({
          api: context.api,
          username: one.username,
          onRemoved: (words) => {
            close();
            context.onSaved(words);
          },
        }),
    },
    path: () => `/officers/${encodeURIComponent(username.value)}`,
    body: () => ({
      full_name: name.value,
      agency: agency.value,
      roles: roles.read(),
      is_active: active.read().length > 0,
      // A member that is left out is kept; an empty one would be taken away.
      ...(number.value && { id_number: number.value }),
      ...(password.input.value && { password: password.input.value }),
    }),
    taken: "Đã có tài khoản mang tên này. Đóng lại rồi bấm Sửa ở dòng của tài khoản đó.",
    words: () => `Đã lưu tài khoản ${username.value}. Người bị ngừng dùng sẽ ra khỏi hệ thống trong nửa phút.`,
  });
}

export function openClientDialog(context) {
  const { one, agencies } = context;
  const code = keyField("Mã hệ thống", one?.client_id, ACCOUNT_HINT, ACCOUNT);
  const name = field("Tên hệ thống", { value: one?.name ?? "", maxlength: 200, required: true });
  const agency = choice("Cơ quan", agencyOptions(agencies, one?.agency), { value: one?.agency });
  const networks = field("Mạng được phép", {
    value: one?.networks.join(", ") ?? "",
    hint: "Ví dụ: 10.1.0.0/16. Cách nhau bằng dấu phẩy; để trống: mọi nơi.",
  });
  const secret = field("Khóa bí mật mới", {
    type: "password",
    autocomplete: "new-password",
    hint: one ? "Để trống: giữ nguyên." : "Cần khi hệ thống tự đăng nhập.",
  });
  const keys = field("Khóa công khai (JWK)", {
    control: h("textarea", { spellcheck: "false", value: one?.jwks.length ? JSON.stringify(one.jwks, null, 1) : "" }),
    wide: true,
    hint: "Danh sách JSON các khóa công khai, cho hệ thống bảo đảm cho cán bộ.",
  });
  const grants = checks("Cách nhận mã truy cập", GRANTS, one?.grants ?? ["client_credentials"]);
  const scopes = checks(
    "Phạm vi quyền",
    Object.fromEntries(SCOPES.map((scope) => [scope, scope])),
    one?.scopes ?? ["cases:read"],
  );
  const active = checks("Tình trạng", { on: "Hệ thống đang dùng" }, (one?.is_active ?? true) ? ["on"] : []);
  openForm(context, {
    title: one ? `Sửa hệ thống ${one.client_id}` : "Thêm hệ thống",
    fields: {
      "/client_id": code,
      "/name": name,
      "/agency": agency,
      "/networks": networks,
      "/secret": secret,
      "/jwks": keys,
    },
    required: [code, name],
    more: [grants.element, scopes.element, active.element],
    path: () => `/clients/${encodeURIComponent(code.value)}`,
    check: () => keys.showError(keys.value && !isList(keys.value) ? "Không phải danh sách JSON." : null),
    body: () => ({
      name: name.value,
      agency: agency.value,
      grants: grants.read(),
      scopes: scopes.read(),
      networks: networks.value
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean),
      jwks: keys.value ? JSON.parse(keys.value) : [],
      is_active: active.read().length > 0,
      ...(secret.input.value && { secret: secret.input.value }),
    }),
    taken: "Đã có hệ thống mang mã này. Đóng lại rồi bấm Sửa ở dòng của hệ thống đó.",
    words: () => `Đã lưu hệ thống ${code.value}.`,
  });
}

function isList(text) {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

// What an entry has stays a choice, also when it is above the administrator's own agency and so in no list of his.
function agencyOptions(agencies, has) {
  const isListed = !has || agencies.some((one) => one.code === has);
  return [...(isListed ? [] : [[has, has]]), ...agencies.map((one) => [one.code, `${one.name} (${one.code})`])];
}

function keyField(label, value, hint, pattern) {
  const made = field(label, { value: value ?? "", required: true, hint, autocapitalize: "none", spellcheck: "false" });
  made.input.readOnly = value !== undefined;
  return Object.assign(made, { fault: () => (pattern.test(made.value) ? null : `Sai định dạng. ${hint}`) });
}

function checks(title, names, chosen) {
  const boxes = Object.entries(names).map(([code, words]) => ({
    code,
    words,
    input: h("input", { type: "checkbox", checked: chosen.includes(code) }),
  }));
  return {
    element: h(
      "fieldset",
      {},
      h("legend", {}, title),
      h(
        "div",
        { class: "checks" },
        boxes.map((box) => h("label", { class: "check" }, box.input, box.words)),
      ),
    ),
    read: () => boxes.filter((box) => box.input.checked).map((box) => box.code),
  };
}
