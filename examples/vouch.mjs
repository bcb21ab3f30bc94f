// A one-stop front end vouches for its officer (RFC 7523) and looks a citizen up in the officer's name.
//
//     node examples/vouch.mjs http://127.0.0.1:8000 var/vouch-mjs.pem
//
// Needs Node 20 or newer and no package. The key is made once and stays in the file; only the front end may read it.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const BASE = (process.argv[2] ?? "http://127.0.0.1:8000").replace(/\/$/, "");
const KEY_FILE = process.argv[3] ?? "var/vouch-mjs.pem";
const FRONT_END = "vouch-mjs";
const SCOPES = ["cases:read", "cases:write", "cases:status", "verify:id-card", "verify:household-head", "citizens:share"];
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Send a request; fail with what was refused and why. */
async function send(method, path, { token, json, form } = {}) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (json) headers["Content-Type"] = "application/json";
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
  const answer = await fetch(BASE + path, { method, headers, body, signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Read the front end's key, or make it. */
function privateKey() {
  if (!existsSync(KEY_FILE)) {
    mkdirSync(dirname(KEY_FILE), { recursive: true });
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(KEY_FILE, pair.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  }
  return createPrivateKey(readFileSync(KEY_FILE));
}

/** Register the public half: an administrator does this, once. Here it is the sandbox's. */
async function register(key) {
  const form = { grant_type: "password", username: "admin", password: "sandbox" };
  const admin = await send("POST", "/auth/token", { form });
  const frontEnd = {
    name: "Phần mềm một cửa (ví dụ)",
    agency: "H24.15",
    grants: [JWT_BEARER],
    scopes: SCOPES,
    jwks: [createPublicKey(key).export({ format: "jwk" })],
  };
  await send("PUT", `/clients/${FRONT_END}`, { token: admin.access_token, json: frontEnd });
}

/** Say that the officer is logged in here, and get a token for him. Each assertion serves once. */
async function tokenFor(username, key, endpoint) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const soon = Math.floor(Date.now() / 1000) + 60;
  const claims = { iss: FRONT_END, sub: username, aud: endpoint, exp: soon, jti: randomUUID() };
  const signed = `${part({ alg: "ES256" })}.${part(claims)}`;
  const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const form = { grant_type: JWT_BEARER, assertion: `${signed}.${signature}` };
  return (await send("POST", "/auth/token", { form })).access_token;
}

const key = privateKey();
await register(key);
// What an assertion is for: the token endpoint as the service itself writes it.
const { token_endpoint: endpoint } = await send("GET", "/.well-known/oauth-authorization-server");
const token = await tokenFor("receiver", key, endpoint);
const me = await send("GET", "/me", { token });
console.log("officer:", me.username, "through", me.client_id);
const claim = { full_name: "NGUYỄN THỊ MINH NGỌC", id_number: "100190000001", birth_date: "1990-07-30" };
const card = await send("POST", "/verify/id-card", { token, json: { procedure_code: "1.004194", ...claim } });
console.log("identity card:", card.result);
