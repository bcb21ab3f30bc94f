// Talks to the service. The token lives in this object alone: a reload forgets it.

/** The service's own address, wherever these files were loaded from. */
export const SERVICE = new URL("../", import.meta.url);

// Longer than the proxy as shipped waits for the service (90 s); a connection that hangs is no answer.
const LONGEST_MS = 120_000;

/** The service answered with a problem document; `code` says which. */
export class ProblemError extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail);
    this.name = "ProblemError";
    this.status = status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.requestId = problem.request_id;
    this.faults = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/** No answer came, so nothing is known of what became of the request. */
export class NoAnswerError extends Error {
  constructor() {
    super("no answer");
    this.name = "NoAnswerError";
    this.code = "no-answer";
  }
}

/** An answer came that is none of those that there are. */
export class UnexpectedAnswerError extends Error {
  constructor() {
    super("unexpected answer");
    this.name = "UnexpectedAnswerError";
    this.code = "unexpected-answer";
  }
}

/** Tell whether it is not known what became of a request: only a refusal says that nothing was done. */
export function isUnsettled(error) {
  return !(error.status >= 400 && error.status < 500);
}

/** The service has a newer console than the one that is open. */
export class OldConsoleError extends Error {
  constructor() {
    super("old console");
    this.name = "OldConsoleError";
    this.code = "old-console";
  }
}

/** Give an Idempotency-Key. A browser has randomUUID over https only. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(18))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Api {
  /** `renewToken` is asked for a token when there is none or it is refused; it gives null to give up. */
  constructor({ renewToken, service = SERVICE }) {
    this._renewToken = renewToken;
    this._service = service;
    this._token = null;
  }

  use(token) {
    this._token = token;
  }

  forget() {
    this._token = null;
  }

  get(path, query = {}) {
    return this.send("GET", path, { query });
  }

  post(path, body, headers = {}) {
    return this.send("POST", path, { body, headers });
  }

  put(path, body) {
    return this.send("PUT", path, { body });
  }

  /** Return {body, etag, replayed, status}; `as` is json, text or blob. A token that has ended is renewed once. */
  async send(method, path, { query = {}, body, headers = {}, as = "json" } = {}) {
    const url = new URL(path.replace(/^\//, ""), this._service);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
    }
    const request = {
      method,
      headers: { "Accept-Language": "vi", ...headers },
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    };
    if (body !== undefined) {
      request.body = JSON.stringify(body);
      request.headers["Content-Type"] = "application/json";
    }
    this._token ??= await this._renewToken();
    let answer = await this._fetch(url, request);
    if (answer.status === 401) {
      this._token = await this._renewToken();
      if (this._token !== null) answer = await this._fetch(url, request);
    }
    return read(answer, as);
  }

  async _fetch(url, request) {
    if (this._token !== null) request.headers.Authorization = `Bearer ${this._token}`;
    return call(url, request);
  }
}

async function call(url, request) {
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(LONGEST_MS) });
  } catch {
    throw new NoAnswerError();
  }
}

async function read(answer, as) {
  if (answer.ok) {
    const body = answer.status === 204 ? null : await whole(answer, as);
    return {
      body,
      etag: answer.headers.get("ETag"),
      replayed: answer.headers.get("Idempotency-Replayed") === "true",
      status: answer.status,
    };
  }
  const type = answer.headers.get("Content-Type") ?? "";
  // A proxy on the way may answer with a page of its own.
  if (!type.startsWith("application/problem+json")) {
    throw new ProblemError(
      answer.status,
      {
        code: "unexpected-answer",
        detail: `Máy chủ trả lời mã ${answer.status}.`,
        request_id: answer.headers.get("X-Request-Id"),
      },
      null,
    );
  }
  const retryAfter = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
  throw new ProblemError(answer.status, await whole(answer, "json"), Number.isNaN(retryAfter) ? null : retryAfter);
}

async function whole(answer, as) {
  try {
    return await answer[as]();
  } catch {
    // The answer broke off or is not what it says.
    throw new NoAnswerError();
  }
}

/** Log an officer in; returns {access_token, expires_in}. Throws {refused: true} for wrong words. */
export async function logIn({ username, password, otp }, service = SERVICE) {
  const form = new URLSearchParams({ grant_type: "password", username, password });
  if (otp) form.set("otp", otp);
  const answer = await call(new URL("auth/token", service), {
    method: "POST",
    body: form,
    cache: "no-store",
    credentials: "omit",
  });
  if (answer.ok) return answer.json();
  if (answer.status === 400 || answer.status === 401) throw Object.assign(new Error("refused"), { refused: true });
  return read(answer, "json");
}

/** Read a list from its first page to its last. */
export async function everyPage(api, path, query = {}) {
  const items = [];
  let cursor = null;
  do {
    const { body } = await api.get(path, { limit: 200, ...query, cursor });
    items.push(...body.items);
    cursor = body.next_cursor;
  } while (cursor !== null);
  return items;
}
