// One entry of the directory as it is now: the list may be hours old, and saving replaces whatever is there.

import { put } from "./dom.js";
import { failurePanel } from "./failures.js";

const GONE = [
  "Không tìm thấy",
  "Mục này không còn, hoặc đã ra ngoài phạm vi của bạn.",
  "Sang trang khác rồi quay lại để có danh sách mới.",
];

/** Tell whether there is such an entry. */
export async function isThere(api, path) {
  try {
    await api.get(path);
    return true;
  } catch (error) {
    if (error.status === 404) return false;
    throw error;
  }
}

/** Read the entry whose button was pressed and give it to `open`; a failure is told in `place`, wherever that is. */
export async function openAsItIs(api, path, { pressed, place, open }) {
  if (pressed.getAttribute("aria-busy") === "true") return;
  pressed.setAttribute("aria-busy", "true");
  put(place);
  try {
    const { body } = await api.get(path);
    // Meanwhile another page may have been opened, or another dialog.
    if (place.isConnected && !document.querySelector("dialog[open]")) open(body);
  } catch (error) {
    const retry = () => openAsItIs(api, path, { pressed, place, open });
    put(place, failurePanel(error, { retry, words: error.status === 404 ? GONE : null }));
    // Not "nearest": the bar on top lies over what just comes in there.
    place.scrollIntoView({ block: "center" });
  } finally {
    pressed.removeAttribute("aria-busy");
  }
}
