// Cơ quan, cán bộ, hệ thống kết nối: who there is. Passwords and secrets are set here and shown nowhere.

import { everyPage } from "./api.js";
import { openAsItIs } from "./directory_entries.js";
import { openAgencyDialog, openClientDialog, openOfficerDialog } from "./directory_dialogs.js";
import { button, h, moment, put, saved, table } from "./dom.js";
import { failurePanel } from "./failures.js";
import { ROLES } from "./role_words.js";

const TABS = {
  officers: {
    path: "/officers",
    key: "username",
    title: "Cán bộ",
    add: "Thêm cán bộ",
    open: openOfficerDialog,
    table: officerTable,
  },
  agencies: {
    path: "/agencies",
    key: "code",
    title: "Cơ quan",
    add: "Thêm cơ quan",
    open: openAgencyDialog,
    table: agencyTable,
  },
  clients: {
    path: "/clients",
    key: "client_id",
    title: "Hệ thống kết nối",
    add: "Thêm hệ thống",
    open: openClientDialog,
    table: clientTable,
  },
};

export async function show(page, { api, tell }) {
  const results = h("div", { class: "results", "aria-live": "polite" });
  const add = button("", () => {}, { kind: "primary", symbol: "plus" });
  let name = "officers";
  let agencies = [];
  const failure = h("div", {});
  const onSaved = (words) => (page.isConnected ? load(words) : tell(words));
  const open = (one) => TABS[name].open({ api, one, agencies, onSaved, tell });
  const edit = (listed, pressed) => {
    const tab = TABS[name];
    const path = `${tab.path}/${encodeURIComponent(listed[tab.key])}`;
    const openUnlessLeft = (one) => tab === TABS[name] && open(one);
    return openAsItIs(api, path, { pressed, place: failure, open: openUnlessLeft });
  };
  const load = async (message = null) => {
    const mine = name;
    add.querySelector("span").textContent = TABS[mine].add;
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.name === mine));
    results.setAttribute("aria-busy", "true");
    try {
      agencies = await everyPage(api, "/agencies");
      const items = mine === "agencies" ? agencies : await everyPage(api, TABS[mine].path);
      if (mine === name)
        put(
          results,
          saved(message),
          TABS[mine].table(items, edit, agencies),
        );
    } catch (error) {
      if (mine === name) put(results, saved(message), failurePanel(error, { retry: () => load(message) }));
    } finally {
      results.removeAttribute("aria-busy");
    }
  };
  const tabs = Object.entries(TABS).map(([code, tab]) =>
    button(
      tab.title,
      () => {
        name = code;
        put(failure);
        load();
      },
      { "data-name": code },
    ),
  );
  add.addEventListener("click", () => open(null));
  put(
    page,
    h("div", { class: "page-head" }, h("h1", {}, "Cơ quan, cán bộ, hệ thống"), add),
    h("div", { class: "tabs", role: "group", "aria-label": "Danh bạ" }, tabs),
    h("div", {}, failure, results),
  );
  await load();
}

const state = (isActive) =>
  h("span", { class: `badge ${isActive ? "good" : "unknown"}` }, isActive ? "Đang dùng" : "Ngừng");
const editButton = (edit, one, name) =>
  button("Sửa", (event) => edit(one, event.currentTarget), { "aria-label": `Sửa ${name}` });

function officerTable(items, edit, agencies) {
  const names = Object.fromEntries(agencies.map((one) => [one.code, one.name]));
  return table(
    "Cán bộ",
    [
      "Tên đăng nhập",
      "Họ tên",
      "Cơ quan",
      "Vai trò",
      "Số định danh",
      "Hai yếu tố",
      "Đăng nhập gần nhất",
      "Tình trạng",
      "Thao tác",
    ],
    items.map((one) => [
      h("span", { class: "number" }, one.username),
      one.full_name,
      names[one.agency] ?? one.agency,
      one.roles.map((role) => ROLES[role]).join(", "),
      one.id_number ?? "chưa có",
      one.has_second_factor ? "có" : "không",
      moment(one.last_login_at),
      one.locked_until && new Date(one.locked_until) > new Date()
        ? h("span", { class: "badge bad" }, `Khóa đến ${moment(one.locked_until)}`)
        : state(one.is_active),
      editButton(edit, one, one.username),
    ]),
  );
}

function agencyTable(items, edit) {
  const names = Object.fromEntries(items.map((one) => [one.code, one.name]));
  return table(
    "Cơ quan",
    ["Mã", "Tên cơ quan", "Cơ quan cấp trên", "Thao tác"],
    items.map((one) => [
      h("span", { class: "number" }, one.code),
      one.name,
      one.parent && (names[one.parent] ?? one.parent),
      editButton(edit, one, one.code),
    ]),
  );
}

function clientTable(items, edit) {
  return table(
    "Hệ thống kết nối",
    ["Mã", "Tên hệ thống", "Cơ quan", "Quyền", "Mạng được phép", "Khóa", "Tình trạng", "Thao tác"],
    items.map((one) => [
      h("span", { class: "number" }, one.client_id),
      one.name,
      one.agency,
      one.scopes.join(", "),
      one.networks.join(", ") || "mọi nơi",
      [one.has_secret && "khóa bí mật", one.jwks.length && `${one.jwks.length} khóa công khai`]
        .filter(Boolean)
        .join(", ") || null,
      state(one.is_active),
      editButton(edit, one, one.client_id),
    ]),
  );
}
