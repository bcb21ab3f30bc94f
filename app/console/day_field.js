// A field for a whole day, as officers type it.

import { isNoDayOfTheYear, NO_DAY, parseDate } from "./claims.js";
import { field } from "./dom.js";

const DAY_MS = 86_400_000;
const WHOLE_DAY = "YYYY-MM-DD".length;

/**
 * Make the field. Its `day()` gives YYYY-MM-DD, null where nothing stands, and undefined where no day stands, which
 * the field then says; `read()` gives the same and says nothing. The end of a span is shown as its last day and given
 * as the day after it.
 */
export function dayField(label, { isEnd = false, ...more } = {}) {
  const made = field(label, { placeholder: "dd/mm/yyyy", inputmode: "numeric", ...more });
  const read = () => {
    if (!made.value) return null;
    const found = parseDate(made.value);
    if (found?.length !== WHOLE_DAY) return undefined;
    return isEnd ? new Date(Date.parse(found) + DAY_MS).toISOString().slice(0, WHOLE_DAY) : found;
  };
  const day = () => {
    const found = read();
    made.showError(null);
    if (found !== undefined) return found;
    made.showError(isNoDayOfTheYear(made.value) ? NO_DAY : "Nhập ngày/tháng/năm, ví dụ 23/11/2026.");
    made.input.focus();
    return undefined;
  };
  return Object.assign(made, { day, read });
}
