// Checks, without trusting the service, that a record is in the log that was signed: RFC 9162, C2SP signed notes.

const utf8 = new TextEncoder();

/** The browser lacks what is needed for a step; `reason` is insecure or ed25519. */
export class CannotCheckError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export function canHash() {
  return Boolean(globalThis.crypto?.subtle);
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function same(one, other) {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

/** Write a record as RFC 8785 has it: names in the order of UTF-16, no blanks, numbers as ECMAScript writes them. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join(",")}}`;
}

/** Hash a record into its leaf. */
export function leafHash(record) {
  return sha256(Uint8Array.of(0), utf8.encode(canonical(record)));
}

/** Give the root that a proof leads to; null if the proof cannot be of that leaf and size. */
export async function rootFrom(leaf, index, size, hashes) {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return null;
  let node = BigInt(index);
  let last = BigInt(size) - 1n;
  let current = leaf;
  for (const sibling of hashes) {
    if (last === 0n) return null;
    if (node & 1n || node === last) {
      current = await sha256(Uint8Array.of(1), sibling, current);
      while (node !== 0n && !(node & 1n)) [node, last] = [node >> 1n, last >> 1n];
    } else {
      current = await sha256(Uint8Array.of(1), current, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n ? current : null;
}

/** Read the text of a checkpoint and its signatures. */
export function parseCheckpoint(note) {
  const at = note.indexOf("\n\n");
  const text = note.slice(0, at + 1);
  const [origin, size, root] = text.split("\n");
  if (at < 0 || !origin || !/^(?:0|[1-9]\d{0,14})$/.test(size ?? "") || !root) return null;
  const signatures = note
    .slice(at + 2)
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [dash, name, value] = line.split(" ");
      return dash === "—" && value ? { name, value: fromBase64(value) } : null;
    });
  return { text, origin, size: Number(size), root: fromBase64(root), signatures: signatures.filter(Boolean) };
}

/** Read a line `name+hash+base64`; null if it contradicts itself or is no Ed25519 key. */
export async function parseKey(line) {
  const [name, id, ...rest] = line.trim().split("+");
  try {
    const encoded = fromBase64(rest.join("+"));
    const hash = await sha256(utf8.encode(`${name}\n`), encoded);
    const hex = [...hash.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return encoded[0] === 1 && encoded.length === 33 && hex === id
      ? { name, id: hash.slice(0, 4), raw: encoded.slice(1) }
      : null;
  } catch {
    return null;
  }
}

/**
 * Tell whether one of the keys signed the checkpoint.
 * Throws CannotCheckError where the browser has no Ed25519.
 */
export async function isSigned(checkpoint, keys) {
  for (const key of keys.filter((one) => one.name === checkpoint.origin)) {
    for (const { name, value } of checkpoint.signatures) {
      if (name !== key.name || !same(value.slice(0, 4), key.id)) continue;
      if (await verify(key.raw, value.slice(4), utf8.encode(checkpoint.text))) return true;
    }
  }
  return false;
}

async function verify(raw, signature, text) {
  let key;
  try {
    key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") throw new CannotCheckError("ed25519");
    return false;
  }
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, text);
}

export { same };
