// The frame of the console: who may see which page, which page is shown, how the register is reachable.

import { button, h, icon, put } from "./dom.js";
import { failurePanel } from "./failures.js";
import { OWN_ACCOUNT, PAGES, fetchPages, isAllowed, moduleOf } from "./pages.js";
import { Session } from "./session.js";
import { askToDiscard, isTypedInDialog } from "./unsaved.js";

const STATES = {
  available: ["good", "CSDL dân cư: sẵn sàng"],
  degraded: ["fair", "CSDL dân cư: chập chờn"],
  unavailable: ["bad", "CSDL dân cư: gián đoạn"],
};
const STATE_EVERY_MS = 60_000;

const root = document.getElementById("app");
const session = new Session();
const passing = h("div", { class: "passing", role: "status" });
let shown = 0;

/** Whether the page holds what was typed but not saved; pages set it. */
const leaving = { hasUnsaved: () => false };
let here = "";
/** The question whether to leave, while it is asked, and where to. */
let question = null;
let there = "";
/** Where a page itself leads to, until it is there. */
let own = null;

async function start() {
  fetchPages();
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
    if (hasUnsaved()) event.preventDefault();
  });
  if (!pageOf(location.hash)) history.replaceState(null, "", `#/${allowed()[0]?.path ?? OWN_ACCOUNT}`);
  show();
}

function allowed() {
  return PAGES.filter((page) => !page.hidden && isAllowed(page, session));
}

function pageOf(hash) {
  const path = hash.replace(/^#\//, "");
  const page =
    PAGES.find((one) => one.path === path) ?? PAGES.find((one) => one.path.endsWith("/") && path.startsWith(one.path));
  if (!page || !isAllowed(page, session)) return null;
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
    passing,
    main,
  );
  watchRegister(state);
}

async function watchRegister(place, before = null) {
  if (!session.may("verify:id-card")) return;
  let found = ["bad", "Chưa biết tình trạng CSDL dân cư", false];
  try {
    const { body } = await session.api.get("/verify/status");
    found = [...STATES[body.state], body.profile === "mock"];
  } catch {
    // That it is not known is said as well.
  }
  const [kind, words, isMock] = found;
  // What is put there is read out: only when it is another.
  if (words !== before)
    put(place, h("span", { class: `dot ${kind}` }), words, isMock && h("span", { class: "tag" }, "dữ liệu thử"));
  setTimeout(() => watchRegister(place, words), STATE_EVERY_MS);
}

function hasUnsaved() {
  return leaving.hasUnsaved() || isTypedInDialog();
}

function leave() {
  if (location.hash === here) return;
  const isLocked = document.querySelector("dialog.lock[open]") !== null;
  // Whoever passes by a locked screen leads it nowhere; the answer to what was sent before it was locked does.
  if (isLocked ? location.hash === own : !hasUnsaved()) return void show();
  if (!isLocked) there = location.hash;
  own = null;
  history.replaceState(null, "", here);
  if (isLocked || question?.element.open) return;
  question = askToDiscard(
    "Rời trang này thì nội dung đã nhập sẽ mất. Các lượt tra cứu đã làm vẫn được ghi lại.",
    "Rời trang",
    () => {
      leaving.hasUnsaved = () => false;
      closeDialogs();
      location.hash = there;
    },
  );
}

/** A dialog belongs to its page: over another it would act on what is not shown there. */
function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog[open]:not(.lock)")) dialog.close();
}

/** Say what became of something that its page is gone of, until the next page. */
function tell(...words) {
  put(passing, h("p", { class: "note" }, words));
}

async function show() {
  here = location.hash;
  own = null;
  closeDialogs();
  put(passing);
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
    const module = await moduleOf(found.page);
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
      tell,
      onSecondFactor: (isThere) => {
        session.asksCode = isThere;
      },
      rest: found.rest,
      go: (path) => {
        own = `#/${path}`;
        location.hash = own;
      },
    });
  } catch (error) {
    if (turn === shown)
      put(main, h("div", { class: "page" }, h("h1", {}, title), failurePanel(error, { retry: show })));
  }
}

start();
