// What the lookups' dialogs are made of: the claim, the asking, and what comes of it.

import { UnexpectedAnswerError } from "./api.js";
import { birthDateFault, nameFault, numberFault, parseDate, showDate, upperName } from "./claims.js";
import { facts, field, h, icon, moment, put } from "./dom.js";
import { failurePanel } from "./failures.js";

export const WHOLE_CLAIM =
  "Họ tên, số và ngày sinh phải khớp cả ba; hệ thống không cho biết mục nào sai. Hãy đối chiếu lại với giấy tờ.";

const ASKING = "Đang hỏi CSDL quốc gia về dân cư… ";

/** The three fields of a claim; `read` gives the claim, or null after showing what is wrong. */
export function claimFields(claim, nameLabel = "Họ và tên") {
  const name = field(nameLabel, { value: claim.full_name ?? "", required: true });
  const number = field("Số CCCD/CMND", {
    value: claim.id_number ?? "",
    inputmode: "numeric",
    maxlength: 12,
    required: true,
  });
  const birth = field("Ngày sinh", {
    value: showDate(claim.birth_date) ?? "",
    placeholder: "dd/mm/yyyy",
    hint: "Hoặc mm/yyyy, hoặc yyyy.",
    required: true,
  });
  name.input.addEventListener("change", () => {
    name.input.value = upperName(name.value);
  });
  const read = () => {
    name.showError(nameFault(name.value));
    number.showError(numberFault(number.value));
    birth.showError(birthDateFault(birth.value));
    if (nameFault(name.value) || numberFault(number.value) || birthDateFault(birth.value)) return null;
    return { full_name: upperName(name.value), id_number: number.value, birth_date: parseDate(birth.value) };
  };
  const fieldOf = (pointer) => ({ "/full_name": name, "/id_number": number, "/birth_date": birth })[pointer];
  return {
    name,
    number,
    birth,
    read,
    fieldOf,
    element: h("div", { class: "grid" }, name.element, number.element, birth.element),
  };
}

export function claimFacts(claim) {
  return facts([
    ["Họ và tên", claim.full_name],
    ["Số CCCD/CMND", claim.id_number],
    ["Ngày sinh", showDate(claim.birth_date)],
  ]);
}

/** Throw unless each result is one that the lookup may have: whatever else it is, it is no answer. */
export function onlyKnown(results, known) {
  if (!results.every((one) => known.includes(one))) throw new UnexpectedAnswerError();
}

/** One request at a time: shows waiting, then the answer or the failure. `onFault` may take a 422 away. */
export function asking(place, request, onAnswer, onFault = () => false) {
  let isAsking = false;
  const ask = async () => {
    if (isAsking) return;
    const pending = request();
    if (pending === null) return;
    isAsking = true;
    // Read out once, without what ticks.
    const waited = h("span", { "aria-hidden": "true" });
    const began = Date.now();
    const tick = setInterval(() => {
      waited.textContent = `${Math.round((Date.now() - began) / 1000)} giây`;
    }, 1000);
    put(place, h("p", { class: "waiting", role: "status" }, icon("wait"), ASKING, waited));
    try {
      const { body } = await pending;
      onAnswer(body);
    } catch (error) {
      put(place, error.code === "validation-failed" && onFault(error) ? null : failurePanel(error, { retry: ask }));
    } finally {
      clearInterval(tick);
      isAsking = false;
      place.firstElementChild?.scrollIntoView({ block: "nearest" });
    }
  };
  return ask;
}

export function outcome(isYes, title, meaning) {
  return h(
    "div",
    { class: `outcome ${isYes ? "yes" : "no"}`, role: "status", "data-result": isYes ? "yes" : "no" },
    icon(isYes ? "check" : "cross"),
    h(
      "div",
      {},
      h("p", { class: "kind" }, "Kết quả từ CSDL quốc gia về dân cư"),
      h("p", { class: "title" }, title),
      h("p", {}, meaning),
    ),
  );
}

export function warnings(answer) {
  return answer.warnings.length
    ? h(
        "div",
        { class: "warnings" },
        answer.warnings.map((one) => h("p", {}, icon("warn"), one.message)),
      )
    : null;
}

export function source(answer) {
  return h(
    "p",
    { class: "source" },
    `Trả lời lúc ${moment(answer.source.answered_at, { seconds: true })} · nhật ký số ${answer.audit.sequence}`,
    answer.source.is_test_data && " · dữ liệu thử nghiệm, người không có thật",
  );
}
