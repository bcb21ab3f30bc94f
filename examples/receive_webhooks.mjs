// Receive webhooks and check that they are the service's own (Standard Webhooks).
//
//     SECRET=whsec_... node examples/receive_webhooks.mjs 8700
//
// Needs Node 20 or newer and no package. Prints each change that it takes. Listens on the loopback: put your proxy
// with TLS before it.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const KEY = Buffer.from(process.env.SECRET.replace(/^whsec_/, ""), "base64");
const MAX_AGE_SECONDS = 300;
const MAX_BODY_BYTES = 65536;
// Ids that were taken. Yours belong into your database, in the transaction that works the change off.
const seen = new Set();

/** Check signature and age, over the bytes as they came. */
function isGenuine(headers, body) {
  const stamp = headers["webhook-timestamp"] ?? "";
  if (!/^[0-9]+$/.test(stamp) || Math.abs(Date.now() / 1000 - Number(stamp)) > MAX_AGE_SECONDS) return false;
  const hmac = createHmac("sha256", KEY).update(`${headers["webhook-id"] ?? ""}.${stamp}.`).update(body);
  const expected = Buffer.from(`v1,${hmac.digest("base64")}`);
  // There may be several signatures, separated by blanks, while a secret is changed.
  return (headers["webhook-signature"] ?? "").split(" ").some((text) => {
    const sent = Buffer.from(text);
    return sent.length === expected.length && timingSafeEqual(sent, expected);
  });
}

const server = createServer(async (request, response) => {
  const parts = [];
  let size = 0;
  try {
    for await (const part of request) {
      size += part.length;
      if (size > MAX_BODY_BYTES) {
        response.writeHead(413, { Connection: "close" }).end();
        return;
      }
      parts.push(part);
    }
  } catch {
    return; // the sender went away
  }
  const body = Buffer.concat(parts);
  if (request.method !== "POST" || !isGenuine(request.headers, body)) {
    response.writeHead(401).end();
    return;
  }
  const id = request.headers["webhook-id"];
  if (!seen.has(id)) {
    console.log(body.toString());
    seen.add(id);
  }
  response.writeHead(204).end();
});
server.listen(Number(process.argv[2]), "127.0.0.1");
