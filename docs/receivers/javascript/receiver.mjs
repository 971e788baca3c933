// Receives webhooks from Punctual with nothing but Node. Copy `sign` and `verify`; the rest is one way to use them.
//
//   WEBHOOK_SECRET=whsec_… PORT=8080 node receiver.mjs

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const TOLERANCE_SECONDS = 5 * 60;
const LARGEST_BODY = 1024 * 1024;

/** The signature of a message, as it stands in `webhook-signature`. */
export function sign(secret, id, timestamp, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  if (key.length === 0) throw new TypeError("The secret is not whsec_ and base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;
}

/**
 * Whether a request comes from who knows the secret, and is fresh. `headers` have lower-case names; `body` is the bytes
 * as they came in, before any parsing; `now` is in seconds.
 */
export function verify(secret, headers, body, now = Date.now() / 1000) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!id || !signatures || !/^[0-9]{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return false;

  let expected;
  try {
    expected = Buffer.from(sign(secret, id, timestamp, body));
  } catch {
    return false;
  }
  // During a rotation there are two signatures, and one that fits is enough. Other versions never fit.
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** What you do with an event. It may come again: keep the id together with what you do, and do it once. */
async function handle(id, event) {
  console.log(`${id} ${event.type}`);
}

async function receive(request, secret) {
  if (!(Number(request.headers["content-length"]) <= LARGEST_BODY)) return 413;
  const body = await buffer(request);
  if (!verify(secret, request.headers, body)) return 401;
  await handle(request.headers["webhook-id"], JSON.parse(body));
  return 204;
}

function serve(secret, port) {
  sign(secret, "", "", ""); // A secret that cannot be used is found now, not with the first event.
  const server = createServer(async (request, response) => {
    const status = await receive(request, secret).catch((error) => {
      console.error(error);
      return 500; // Punctual tries again later.
    });
    response.writeHead(status).end();
  });
  server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
}

/** Lines of base64 fields with tabs between them (secret, id, timestamp, signature, body, now), each answered ok or no. */
async function check() {
  for await (const line of createInterface({ input: process.stdin })) {
    const fields = line.split("\t").map((field) => Buffer.from(field, "base64"));
    const [secret, id, timestamp, signature, , now] = fields.map(String);
    const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
    console.log(verify(secret, headers, fields[4], Number(now)) ? "ok" : "no");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "--check") await check();
  else serve(process.env.WEBHOOK_SECRET, Number(process.env.PORT ?? 8080));
}
