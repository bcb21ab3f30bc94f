// The frame of the console: who may see which page, which page is shown, how the register is reachable.

import { NoAnswerError } from "./api.js";
import { button, h, icon, openDialog, put } from "./dom.js";
import { failurePanel } from "./failures.js";
import { Session } from "./session.js";

const OWN_ACCOUNT = "tai-khoan";
const PAGES = [
  { path: "ho-so", title: "Hồ sơ", scope: "cases:read", load: () => import("./page_cases.js") },
  { path: "ho-so-moi", title: "Thêm mới hồ sơ", scope: "cases:write", load: () => import("./page_new_case.js") },
  { path: "ho-so/", hidden: true, title: "Hồ sơ", scope: "cases:read", load: () => import("./page_case.js") },
  {
    path: "thong-ke",
    title: "Thống kê hồ sơ",
    scope: "reports:read",
    needs: "cases:read",
    load: () => import("./page_statistics.js"),
  },
  { path: "nhat-ky", title: "Nhật ký tra cứu", scope: "audit:read", load: () => import("./page_audit.js") },
  {
    path: "nhat-ky/",
    hidden: true,
    title: "Bản ghi nhật ký",
    scope: "audit:read",
    load: () => import("./page_audit.js"),
  },
  { path: "ai-da-tra-cuu", title: "Ai đã tra cứu", scope: "audit:read", load: () => import("./page_access.js") },
  { path: "thong-ke-tra-cuu", title: "Thống kê tra cứu", scope: "audit:read", load: () => import("./page_lookups.js") },
  { path: "thu-tuc", title: "Thủ tục", scope: "admin", load: () => import("./page_procedures.js") },
  { path: "danh-ba", title: "Cơ quan, cán bộ, hệ thống", scope: "admin", load: () => import("./page_directory.js") },
  { path: OWN_ACCOUNT, hidden: true, title: "Tài khoản của tôi", load: () => import("./page_account.js") },
];
const STATES = {
  available: ["good", "CSDL dân cư: sẵn sàng"],
  degraded: ["fair", "CSDL dân cư: chập chờn"],
  unavailable: ["bad", "CSDL dân cư: gián đoạn"],
};
const STATE_EVERY_MS = 60_000;

const root = document.getElementById("app");
const session = new Session();
let shown = 0;

/** Whether the page holds what was typed but not saved; pages set it. */
const leaving = { hasUnsaved: () => false };
let here = "";

async function start() {
  try {
    await session.begin(root);
  } catch (error) {
    put(
      root,
      h(
        "main",
        { class: "login" },
        failurePanel(error, { retry: () => location.reload() }),
        button("Đăng nhập lại", () => location.reload()),
      ),
    );
    return;
  }
  buildFrame();
  addEventListener("hashchange", leave);
  addEventListener("beforeunload", (event) => {
    if (leaving.hasUnsaved()) event.preventDefault();
  });
  if (!pageOf(location.hash)) history.replaceState(null, "", `#/${allowed()[0]?.path ?? OWN_ACCOUNT}`);
  show();
}

function allowed() {
  return PAGES.filter((page) => !page.hidden && session.may(page.scope) && (!page.needs || session.may(page.needs)));
}

function pageOf(hash) {
  const path = hash.replace(/^#\//, "");
  const page =
    PAGES.find((one) => one.path === path) ?? PAGES.find((one) => one.path.endsWith("/") && path.startsWith(one.path));
  if (!page || (page.scope && !session.may(page.scope))) return null;
  try {
    return { page, rest: decodeURIComponent(path.slice(page.path.length)) };
  } catch {
    return null;
  }
}

function buildFrame() {
  const state = h("p", { class: "register-state", role: "status" });
  const links = allowed().map((page) => h("a", { href: `#/${page.path}` }, page.title));
  const main = h("main", { id: "main", tabindex: "-1" });
  put(
    root,
    h(
      "a",
      {
        class: "skip",
        href: "#main",
        onclick: (event) => {
          event.preventDefault();
          main.focus();
        },
      },
      "Đến nội dung chính",
    ),
    h(
      "header",
      { class: "top" },
      h("p", { class: "brand" }, icon("home"), "Một cửa – Dân cư"),
      h("nav", { "aria-label": "Chức năng" }, links),
      state,
      h(
        "div",
        { class: "who" },
        h(
          "a",
          { href: `#/${OWN_ACCOUNT}`, "aria-label": `Tài khoản của tôi: ${session.me.full_name}`, title: session.me.agency.name },
          icon("person"),
          h("span", {}, h("strong", {}, session.me.full_name), h("span", {}, session.me.agency.name)),
        ),
        button("Khóa", () => session.lock(), { kind: "quiet", symbol: "lock" }),
        button("Đăng xuất", () => location.reload(), { kind: "quiet" }),
      ),
    ),
    main,
  );
  watchRegister(state);
}

async function watchRegister(place) {
  if (session.may("verify:id-card")) {
    try {
      const { body } = await session.api.get("/verify/status");
      const [kind, words] = STATES[body.state];
      put(
        place,
        h("span", { class: `dot ${kind}` }),
        words,
        body.profile === "mock" && h("span", { class: "tag" }, "dữ liệu thử"),
      );
    } catch {
      put(place, h("span", { class: "dot bad" }), "Chưa biết tình trạng CSDL dân cư");
    }
    setTimeout(() => watchRegister(place), STATE_EVERY_MS);
  }
}

function leave() {
  const there = location.hash;
  if (there === here) return;
  if (!leaving.hasUnsaved()) return void show();
  history.replaceState(null, "", here);
  const dialog = openDialog(document, "Nội dung chưa được lưu");
  put(dialog.body, h("p", {}, "Rời trang này thì nội dung đã nhập sẽ mất. Các lượt tra cứu đã làm vẫn được ghi lại."));
  put(
    dialog.foot,
    button("Ở lại", dialog.close, { kind: "primary" }),
    button(
      "Rời trang",
      () => {
        dialog.close();
        leaving.hasUnsaved = () => false;
        location.hash = there;
      },
      { kind: "danger" },
    ),
  );
}

async function show() {
  here = location.hash;
  const main = document.getElementById("main");
  const found = pageOf(location.hash);
  shown += 1;
  const turn = shown;
  leaving.hasUnsaved = () => false;
  for (const link of document.querySelectorAll(".top a")) {
    if (found && link.getAttribute("href") === `#/${found.page.path.replace(/\/$/, "")}`)
      link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const title = found?.page.title ?? "Không có trang này";
  document.title = `${title} – Một cửa – Dân cư`;
  if (!found) {
    put(
      main,
      h(
        "div",
        { class: "page" },
        h("h1", {}, title),
        h("p", {}, "Trang không tồn tại hoặc tài khoản không có quyền xem."),
      ),
    );
    return;
  }
  try {
    const module = await found.page.load().catch(() => {
      throw new NoAnswerError();
    });
    if (turn !== shown) return;
    const page = h("div", { class: "page" });
    put(main, page);
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
    await module.show(page, {
      api: session.api,
      me: session.me,
      may: (scope) => session.may(scope),
      leaving,
      onSecondFactor: (isThere) => {
        session.asksCode = isThere;
      },
      rest: found.rest,
      go: (path) => {
        location.hash = `#/${path}`;
      },
    });
  } catch (error) {
    if (turn === shown)
      put(main, h("div", { class: "page" }, h("h1", {}, title), failurePanel(error, { retry: show })));
  }
}

start();
