// The three lookups for a case that is registered already: they name its receipt number.

import { button, h } from "./dom.js";
import { openHouseholdDialog } from "./household_dialog.js";
import { openIdCardDialog, openShareDialog } from "./lookup_dialogs.js";

export function applicantLookups({ api, one, onAnswer }) {
  const { full_name, id_number, birth_date } = one.applicant;
  const claim = { full_name, id_number, birth_date };
  let hasAnswer = false;
  const open = (dialog) => {
    const opened = dialog({
      api,
      purpose: { receipt_number: one.receipt_number },
      claim,
      onAnswer: () => {
        hasAnswer = true;
      },
    });
    // The list of lookups has grown; shown once the officer has read the answer.
    opened.element.addEventListener("close", () => {
      if (hasAnswer) onAnswer();
    });
  };
  return h(
    "div",
    { class: "row", role: "group", "aria-label": "Tra cứu CSDL quốc gia về dân cư" },
    button("Xác nhận CCCD-CMND", () => open(openIdCardDialog), { symbol: "person" }),
    button("Kiểm tra thông tin", () => open(openShareDialog), { symbol: "record" }),
    button("Xác nhận chủ hộ", () => open(openHouseholdDialog), { symbol: "home" }),
  );
}
