// A field for a whole day, as officers type it.

import { isNoDayOfTheYear, NO_DAY, parseDate } from "./claims.js";
import { field } from "./dom.js";

const DAY_MS = 86_400_000;
const WHOLE_DAY = "YYYY-MM-DD".length;

/**
 * Make the field. Its `day()` gives YYYY-MM-DD, null where nothing stands, and undefined where no day stands, which
 * the field then says. The end of a span is shown as its last day and given as the day after it.
 */
export function dayField(label, { isEnd = false, ...more } = {}) {
  const made = field(label, { placeholder: "dd/mm/yyyy", inputmode: "numeric", ...more });
  const day = () => {
    made.showError(null);
    if (!made.value) return null;
    const read = parseDate(made.value);
    if (read?.length !== WHOLE_DAY) {
      made.showError(isNoDayOfTheYear(made.value) ? NO_DAY : "Nhập ngày/tháng/năm, ví dụ 23/11/2026.");
      made.input.focus();
      return undefined;
    }
    return isEnd ? new Date(Date.parse(read) + DAY_MS).toISOString().slice(0, WHOLE_DAY) : read;
  };
  return Object.assign(made, { day });
}
