// The pages of the console: who may see which, where each stands, and how it is fetched.

import { NoAnswerError, OldConsoleError } from "./api.js";

export const OWN_ACCOUNT = "tai-khoan";
export const PAGES = [
  { path: "ho-so", title: "Hồ sơ", scope: "cases:read", module: "page_cases.js" },
  { path: "ho-so-moi", title: "Thêm mới hồ sơ", scope: "cases:write", module: "page_new_case.js" },
  { path: "ho-so/", hidden: true, title: "Hồ sơ", scope: "cases:read", module: "page_case.js" },
  {
    path: "thong-ke",
    title: "Thống kê hồ sơ",
    scope: "reports:read",
    needs: "cases:read",
    module: "page_statistics.js",
  },
  { path: "nhat-ky", title: "Nhật ký tra cứu", scope: "audit:read", module: "page_audit.js" },
  { path: "nhat-ky/", hidden: true, title: "Bản ghi nhật ký", scope: "audit:read", module: "page_audit.js" },
  { path: "ai-da-tra-cuu", title: "Ai đã tra cứu", scope: "audit:read", module: "page_access.js" },
  { path: "thong-ke-tra-cuu", title: "Thống kê tra cứu", scope: "audit:read", module: "page_lookups.js" },
  { path: "thu-tuc", title: "Thủ tục", scope: "admin", module: "page_procedures.js" },
  { path: "danh-ba", title: "Cơ quan, cán bộ, hệ thống", scope: "admin", module: "page_directory.js" },
  { path: OWN_ACCOUNT, hidden: true, title: "Tài khoản của tôi", module: "page_account.js" },
];

/** Tell whether the pages' officer may see this one. */
export function isAllowed(page, session) {
  return (!page.scope || session.may(page.scope)) && (!page.needs || session.may(page.needs));
}

/** Fetch all pages while they and what is loaded already are of one version: hours may pass until somebody logs in. */
export function fetchPages() {
  for (const page of PAGES) import(`./${page.module}`).catch(() => {});
}

/** Give a page's module; throws OldConsoleError where the service has it, but only for a newer console. */
export async function moduleOf(page) {
  try {
    return await import(`./${page.module}`);
  } catch {
    const answer = await fetch(new URL(page.module, import.meta.url), { credentials: "omit" }).catch(() => null);
    throw answer?.ok ? new OldConsoleError() : new NoAnswerError();
  }
}
