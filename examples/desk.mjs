// An officer receives a case: log in, three lookups, register it without ever doing so twice, begin the work.
//
//     node examples/desk.mjs http://127.0.0.1:8000
//
// Needs Node 20 or newer and no package. Prints the receipt number last.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const BASE = (process.argv[2] ?? "http://127.0.0.1:8000").replace(/\/$/, "");
const APPLICANT = { full_name: "NGUYỄN THỊ MINH NGỌC", id_number: "100190000001", birth_date: "1990-07-30" };
const TRIES = 5;

/** The service refused or failed. Branch on `code`; show the officer `message`, which is Vietnamese. */
class Problem extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code;
    this.retryAfter = Number(retryAfter) || null;
  }
}

/** Send a request once. */
async function post(path, body, headers) {
  const answer = await fetch(BASE + path, { method: "POST", body, headers, signal: AbortSignal.timeout(20_000) });
  if (answer.ok) return answer.json();
  // Something between us and the service may have answered, in another form.
  throw new Problem(answer.status, await answer.json().catch(() => ({})), answer.headers.get("Retry-After"));
}

/** Return the headers of this officer's requests. */
async function logIn(username, password) {
  const token = await post("/auth/token", new URLSearchParams({ grant_type: "password", username, password }));
  return { Authorization: `Bearer ${token.access_token}`, "Content-Type": "application/json" };
}

/** Change something exactly once, however often it has to be sent: each try has the same key. */
async function change(path, body, headers) {
  const keyed = { ...headers, "Idempotency-Key": randomUUID() };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await post(path, JSON.stringify(body), keyed);
    } catch (error) {
      // No answer at all is not a Problem: it may have been done or not, and the key makes asking again safe.
      const passes =
        !(error instanceof Problem) ||
        [429, 500, 502, 503, 504].includes(error.status) ||
        error.code === "idempotency-key-in-use";
      if (!passes || attempt === TRIES) throw error;
      await sleep((error.retryAfter ?? attempt) * 1000);
    }
  }
}

const headers = await logIn("receiver", "sandbox");
const lookUp = (path, question) =>
  post(path, JSON.stringify({ procedure_code: "1.004194", ...question }), headers);

const card = await lookUp("/verify/id-card", APPLICANT);
console.log("identity card:", card.result);

const household = await lookUp("/verify/household-head", {
  head: { full_name: "LƯƠNG VĂN CẢ", id_number: "100062000101", birth_date: "1962-08-19" },
  members: [{ id_number: "100164000102" }, { id_number: APPLICANT.id_number }],
});
console.log("household:", household.head.result, ...household.members.map((member) => member.result));

const record = await lookUp("/citizens/share", { ...APPLICANT, fields: ["citizen.permanent_address", "father"] });
console.log("record:", record.result);

const registered = await change(
  "/cases",
  {
    procedure_code: "1.004194",
    channel: "in_person",
    applicant: APPLICANT,
    documents: [{ name: "Tờ khai", copies: 1, form: "original" }],
    lookup_ids: [card.lookup_id],
  },
  headers,
);
await change(`/cases/${registered.receipt_number}/status`, { to: "in_progress" }, headers);
console.log("registered:", registered.receipt_number);
