// Two of the lookups, each a dialog: does this person exist, and what is on record of him. The third is in
// household_dialog.js. The console and the embeddable elements open the same ones.

import { fillable, recordView } from "./citizen_record.js";
import { button, h, openDialog, put } from "./dom.js";
import { asking, claimFacts, onlyKnown, outcome, source, warnings, WHOLE_CLAIM } from "./lookup_pieces.js";

/**
 * What a dialog needs: `root` it opens in (the document or a shadow root), `api`, `purpose` (procedure_code,
 * receipt_number), `claim` and `onAnswer(kind, answer)`, which hears of each answer of the register.
 */

/** Xác nhận CCCD-CMND: does this person exist? */
export function openIdCardDialog({ root = document, api, purpose, claim, onAnswer = () => {} }) {
  const dialog = openDialog(root, "Xác nhận CCCD-CMND");
  const place = h("div", { class: "stack", "aria-live": "polite" });
  put(dialog.body, claimFacts(claim), place);
  const ask = asking(
    place,
    () => api.post("/verify/id-card", { ...purpose, ...claim }),
    (answer) => {
      onlyKnown([answer.result], ["exists", "not_found"]);
      const exists = answer.result === "exists";
      put(
        place,
        outcome(
          exists,
          answer.message,
          exists ? "Họ tên, số và ngày sinh khớp với CSDL quốc gia về dân cư." : WHOLE_CLAIM,
        ),
        warnings(answer),
        source(answer),
      );
      onAnswer("id-card", answer);
    },
  );
  put(
    dialog.foot,
    button("Đóng", dialog.close),
    button("Xác thực thông tin", ask, { kind: "primary", symbol: "check", autofocus: true }),
  );
  return dialog;
}

/** Kiểm tra thông tin: the record, as far as the procedure may have it. `onFill(values, answer)` fills the form. */
export function openShareDialog({ root = document, api, purpose, claim, onAnswer = () => {}, onFill = null }) {
  const dialog = openDialog(root, "Kiểm tra thông tin công dân", { wide: true });
  const place = h("div", { class: "stack", "aria-live": "polite" });
  put(dialog.body, claimFacts(claim), place);
  const foot = (...more) =>
    put(
      dialog.foot,
      button("Đóng", dialog.close),
      button("Kết nối thông tin", ask, { kind: more.length ? "" : "primary", symbol: "record" }),
      more,
    );
  const ask = asking(
    place,
    () => api.post("/citizens/share", { ...purpose, ...claim }),
    (answer) => {
      onlyKnown([answer.result], ["found", "not_found"]);
      const found = answer.result === "found";
      put(
        place,
        outcome(
          found,
          found ? "Công dân tồn tại" : "Công dân không tồn tại",
          found ? "Dưới đây là thông tin mà thủ tục được nhận." : WHOLE_CLAIM,
        ),
        warnings(answer),
        found ? recordView(answer) : null,
        source(answer),
      );
      onAnswer("citizen-share", answer);
      if (!found || onFill === null) return foot();
      const fill = button(
        "Điền vào hồ sơ",
        () => {
          dialog.close();
          onFill(fillable(answer), answer);
        },
        { kind: "primary", symbol: "lock" },
      );
      foot(fill);
      return fill.focus();
    },
  );
  foot();
  return dialog;
}
