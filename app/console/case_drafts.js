// What was typed over a case that had changed meanwhile: kept for the case as it is now, or shown where it takes it no
// more.

import { ENDED, FORMS, NEXT, PAYMENTS, STATUSES } from "./case_words.js";
import { showDate } from "./claims.js";
import { facts, h } from "./dom.js";
import { fieldWords } from "./field_words.js";

// Drafts are {edit: {typed, over}, "note-…": text}: what was typed over which case, and the note of each step.
const NOTE = "note-";

/** Give what is written into a case, by name. */
export function written(one) {
  const { phone, email, address } = one.applicant;
  return { ...one, phone, email, address };
}

/** Tell whether two values of what `name` names are the same. */
export function isSame(name, value, other) {
  if (name !== "documents") return value === other;
  const text = (papers) => JSON.stringify(papers.map(({ name, copies, form }) => [name, copies, form]));
  return text(value) === text(other);
}

/** Name what a draft of edits holds and the case has another value of since then, with that value in words. */
export function overtaken(draft, one) {
  if (!draft) return [];
  const then = written(draft.over);
  const now = written(one);
  return Object.keys(draft.typed)
    .filter((name) => !isSame(name, then[name], now[name]))
    .map((name) => [fieldWords(name), inWords(name, now[name])]);
}

/**
 * Forget of the drafts what the case, shown anew, has already, and take out of them what it takes no more: gives that,
 * named, in words.
 */
export function takeUnusable(drafts, one) {
  dropSaved(drafts, one);
  const unusable = Object.keys(drafts).filter((name) =>
    name.startsWith(NOTE) ? !NEXT[one.status].includes(name.slice(NOTE.length)) : ENDED.has(one.status),
  );
  return unusable.flatMap((name) => {
    const draft = drafts[name];
    delete drafts[name];
    if (name.startsWith(NOTE)) return [[`Nội dung xử lý (${STATUSES[name.slice(NOTE.length)]})`, lines(draft)]];
    return Object.entries(draft.typed).map(([field, value]) => [fieldWords(field), inWords(field, value)]);
  });
}

/** Show what was taken out of the drafts, to be copied; nothing where there is none. */
export function unusableNote(rows) {
  return (
    rows.length > 0 &&
    h(
      "div",
      { class: "note fair stack", role: "status" },
      h("p", {}, "Hồ sơ không còn nhận nội dung bạn đã nhập, nên nội dung đó chưa được lưu. Hãy chép lại nếu cần:"),
      facts(rows),
    )
  );
}

function dropSaved(drafts, one) {
  if (!drafts.edit) return;
  const now = written(one);
  const open = Object.entries(drafts.edit.typed).filter(([name, value]) => !isSame(name, value, now[name]));
  if (open.length) drafts.edit = { ...drafts.edit, typed: Object.fromEntries(open) };
  else delete drafts.edit;
}

function inWords(name, value) {
  if (name === "documents")
    return value.map((paper) => `${paper.name} (${paper.copies}, ${FORMS[paper.form]})`).join("; ") || "Không có";
  if (name === "payment_status") return PAYMENTS[value];
  return value === null ? "Để trống" : lines(name === "field_visit_on" ? showDate(value) : value);
}

function lines(text) {
  return h("span", { class: "lines" }, text);
}
