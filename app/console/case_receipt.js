// The receipt that the applicant takes home: shown, printed, or kept as PDF.

import { button, h, openDialog, put } from "./dom.js";
import { failurePanel } from "./failures.js";

export async function openReceipt(api, path, number) {
  const dialog = openDialog(document, `Giấy biên nhận ${number}`, { wide: true });
  put(dialog.body, h("p", { class: "loading" }, "Đang tạo giấy biên nhận…"));
  try {
    const { body: paper } = await api.send("GET", `${path}/receipt`, { as: "text", headers: { Accept: "text/html" } });
    // The receipt is a page of its own. No script runs in the frame, and its policy is this page's.
    const frame = h("iframe", {
      class: "receipt-frame",
      title: `Giấy biên nhận ${number}`,
      sandbox: "allow-same-origin allow-modals",
    });
    frame.srcdoc = paper;
    put(dialog.body, frame);
    put(
      dialog.foot,
      button("Đóng", dialog.close),
      button("Tải tệp PDF", () => savePdf(api, path, number, dialog.body)),
      button("In", () => frame.contentWindow.print(), { kind: "primary", symbol: "print" }),
    );
  } catch (error) {
    put(
      dialog.body,
      failurePanel(error, {
        retry: () => {
          dialog.close();
          openReceipt(api, path, number);
        },
      }),
    );
  }
}

async function savePdf(api, path, number, place) {
  try {
    const { body: file } = await api.send("GET", `${path}/receipt`, {
      as: "blob",
      headers: { Accept: "application/pdf" },
    });
    const address = URL.createObjectURL(file);
    h("a", { href: address, download: `${number}.pdf` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    place.prepend(failurePanel(error));
  }
}
