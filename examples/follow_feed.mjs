// Follow the feed of changes, as the back end of a portal does.
//
//     node examples/follow_feed.mjs http://127.0.0.1:8000 last-sequence.txt
//
// Needs Node 20 or newer and no package. Prints each change once, keeps the last sequence in the file, and ends
// when there is nothing new: run it again, from a timer, to go on.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const BASE = (process.argv[2] ?? "http://127.0.0.1:8000").replace(/\/$/, "");
const PLACE = process.argv[3] ?? "last-sequence.txt";

/** Ask the service; a failure ends the run, and the next one goes on from where this one was. */
async function ask(path, options) {
  const answer = await fetch(BASE + path, { ...options, signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

const basic = Buffer.from("portal:sandbox").toString("base64");
const token = await ask("/auth/token", {
  method: "POST",
  headers: { Authorization: `Basic ${basic}` },
  body: new URLSearchParams({ grant_type: "client_credentials" }),
});
const headers = { Authorization: `Bearer ${token.access_token}` };

let after = existsSync(PLACE) ? Number(readFileSync(PLACE, "ascii")) : 0;
for (;;) {
  const { items } = await ask(`/cases/changes?after=${after}&limit=200`, { headers });
  if (items.length === 0) break;
  for (const change of items) console.log(JSON.stringify(change));
  after = items.at(-1).sequence;
  // Only now, and in one go: who dies before sees these changes again, never too few.
  writeFileSync(`${PLACE}.new`, `${after}\n`);
  renameSync(`${PLACE}.new`, PLACE);
}
