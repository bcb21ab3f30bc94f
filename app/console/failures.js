// What a failure means to an officer, and what to do. A failure never looks like an answer of the register.

import { button, h, icon } from "./dom.js";
import { UNKNOWN, WITH_ID, WORDS } from "./failure_words.js";
import { fieldWords } from "./field_words.js";

// Waiting or a repaired way can make these succeed; the others will be refused again.
const WORTH_REPEATING = new Set([
  "population-database-error",
  "population-database-timeout",
  "population-database-unavailable",
  "lookup-budget-exceeded",
  "audit-unavailable",
  "service-unavailable",
  "internal-error",
  "no-answer",
  "idempotency-key-in-use",
  "unexpected-answer",
]);

const FAULTS = {
  "too-short": "Không được để trống.",
  "too-long": "Quá dài.",
  "invalid-id-number": "Phải gồm 9 hoặc 12 chữ số.",
  "invalid-date": "Ngày không hợp lệ.",
  "in-future": "Ngày ở tương lai.",
  repeated: "Bị lặp lại.",
  "wrong-password": "Mật khẩu không đúng. Sau 5 lần sai, tài khoản bị khóa 15 phút.",
  "wrong-code": "Mã không đúng hoặc đã đổi. Nhập mã đang hiện; nếu vẫn sai, kiểm tra giờ của điện thoại.",
};

/** Every code that has words of its own. */
export const KNOWN_CODES = Object.keys(WORDS);

/** Name a failure by its code. */
export function failureTitle(code) {
  return WORDS[code]?.[0] ?? code;
}

/**
 * Show a failure: what happened, what it means, what to do, the service's own words and the request's id. `words` are
 * others than its code's, where more is known.
 */
export function failurePanel(error, { retry = null, words = null } = {}) {
  const [title, meaning, advice] = words ?? WORDS[error.code] ?? UNKNOWN;
  const again = retry && WORTH_REPEATING.has(error.code) ? button("Thử lại", retry, { kind: "retry" }) : null;
  const countdown = error.retryAfter ? waitingText(again, error.retryAfter) : null;
  return h(
    "div",
    { class: "outcome failure", role: "alert", "data-code": error.code ?? "unexpected" },
    icon("broken"),
    h(
      "div",
      {},
      h("p", { class: "kind" }, "Chưa thực hiện được"),
      h("p", { class: "title" }, title),
      h("p", {}, meaning),
      h("p", {}, h("strong", {}, "Cần làm: "), error.requestId ? advice : advice.replace(WITH_ID, "")),
      // With faults the detail only says that there are some.
      error.faults?.length ? faultList(error.faults) : error.detail && h("p", { class: "detail" }, error.detail),
      error.requestId && h("p", { class: "request-id" }, "Mã yêu cầu: ", h("code", {}, error.requestId)),
      countdown,
      again,
    ),
  );
}

function faultList(faults) {
  const words = faults.map((fault) => [fieldWords(fault.pointer), fault.message].filter(Boolean).join(": "));
  return h(
    "ul",
    {},
    words.map((text) => h("li", {}, text)),
  );
}

function waitingText(again, seconds) {
  const end = Date.now() + seconds * 1000;
  const words = (left) => `Thử lại sau ${left} giây.`;
  // Read out once: what ticks in an alert would be read each second.
  const ticking = h("span", { "aria-hidden": "true" });
  const text = h("p", { class: "countdown" }, h("span", { class: "unseen" }, words(seconds)), ticking);
  if (again) again.disabled = true;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) {
      text.textContent = "Có thể thử lại.";
      if (again) again.disabled = false;
      return;
    }
    ticking.textContent = words(left);
    setTimeout(tick, Math.min(1000, left * 1000));
  };
  tick();
  return text;
}

/** Put the faults of a 422 beside their fields; returns whether each found its field. */
export function showFaults(error, fieldOf) {
  let first = null;
  let all = (error.faults ?? []).length > 0;
  for (const fault of error.faults ?? []) {
    const field = fieldOf(fault.pointer);
    if (!field) {
      all = false;
      continue;
    }
    field.showError(FAULTS[fault.code] ?? fault.message);
    first ??= field;
  }
  first?.input.focus();
  return all;
}
