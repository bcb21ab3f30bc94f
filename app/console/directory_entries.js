// One entry of the directory as it is now: the list may be hours old, and saving replaces whatever is there.

import { put } from "./dom.js";
import { failurePanel } from "./failures.js";

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

/** Read an entry and give it to `open`; a failure is told in `place`. */
export async function openAsItIs(api, path, place, open) {
  put(place);
  try {
    const { body } = await api.get(path);
    // Meanwhile another page may have been opened, or another dialog.
    if (place.isConnected && !document.querySelector("dialog[open]")) open(body);
  } catch (error) {
    put(place, failurePanel(error, { retry: () => openAsItIs(api, path, place, open) }));
  }
}
