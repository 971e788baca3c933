import { expect } from "chai";
import { meaningOf, type SendResult } from "@punctual/core";
import type { Resolve } from "../src/guard/resolve.js";
import { EXPIRED, FOR_ANOTHER_NAME, VALID } from "./support/certificate.js";
import { cleanUp } from "./support/clean-up.js";
import { type ReceiverOptions, type Script, ScriptedReceiver } from "./support/scripted-receiver.js";
import { answers, bomb, says, saysAnd, saysAndEnds, saysAndResets } from "./support/scripts.js";
import { requestTo, testSender } from "./support/sender.js";

type Meaning = ReturnType<typeof meaningOf>;
type Expected = Pick<SendResult, "status" | "error" | "detail"> & { readonly meaning: Meaning };

const OK = ["HTTP/1.1 200 OK", "content-length: 2", "", "ok"];
const CHUNKED = ["HTTP/1.1 200 OK", "transfer-encoding: chunked", ""];
const NOTHING: Script = {};

const success = (status: number): Expected => ({ status, error: null, detail: null, meaning: "success" });
const transient = (status: number): Expected => ({ ...success(status), meaning: "transient" });
const permanent = (status: number): Expected => ({ ...success(status), meaning: "permanent" });
const gone = (status: number): Expected => ({ ...success(status), meaning: "gone" });
/** Whatever goes wrong on the way may go right the next time. */
const fails = (error: SendResult["error"], detail: string | null): Expected => ({
  ...{ status: null, error, detail, meaning: "transient" },
});
const timeout = fails("timeout", null);
const closed = fails("reset", "CLOSED");
const reset = fails("reset", "ECONNRESET");
const badStatusLine = fails("protocol", "INVALID_STATUS_LINE");
const badHeaders = fails("protocol", "INVALID_HEADERS");
const badChunk = fails("protocol", "INVALID_CHUNK");
const endless = fails("protocol", "ENDLESS");
const headersTooLarge = fails("protocol", "HEADERS_TOO_LARGE");

/** Every status, with an answer that has nothing else to it. */
const STATUSES: readonly Expected[] = [
  ...[200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 299].map(success),
  ...[300, 301, 302, 303, 304, 305, 307, 308, 399].map(permanent),
  ...[400, 401, 402, 403, 404, 405, 406, 407, 409, 411, 412, 413, 414, 415, 417, 418, 421, 422, 423, 424].map(
    permanent,
  ),
  ...[408, 425, 429].map(transient),
  gone(410),
  ...[426, 428, 431, 444, 451, 499].map(permanent),
  ...[500, 501, 502, 503, 504, 505, 507, 511, 520, 529, 598, 599].map(transient),
  ...[600, 777, 999].map(permanent),
];

/** What the receiver does once it has the request, and what is made of that. */
const ANSWERS: readonly (readonly [what: string, Script, Expected])[] = [
  // Before the answer
  ["says nothing", says(), timeout],
  ["closes the connection", saysAndEnds(), closed],
  ["resets the connection", saysAndResets(), reset],
  ["sends empty lines for ever", saysAnd([], (wire) => wire.drip("\r\n".repeat(99), 20)), timeout],

  // The status line
  ["leaves out the reason", says("HTTP/1.1 204", "", ""), success(204)],
  ["sends empty lines first", says("", "", ...OK), success(200)],
  ["sends an empty status line", says("HTTP/1.1", "content-length: 0", "", ""), badStatusLine],
  ["sends a status of 099", answers("099"), fails("protocol", "INVALID_STATUS")],
  ["sends a status of 000", answers("000"), fails("protocol", "INVALID_STATUS")],
  ["sends a status of 1000", answers("1000"), badStatusLine],
  ["sends a status of 20", answers("20"), badStatusLine],
  ["sends a status of -200", answers("-200"), badStatusLine],
  ["sends a status of 2OO", answers("2OO"), badStatusLine],
  ["sends a reason without end", saysAnd(["HTTP/1.1 200 "], (wire) => wire.flood("so it goes ")), endless],
  ["speaks HTTP/0.9", saysAndEnds("<html>hello</html>"), badStatusLine],
  ["speaks HTTP/1.0 with a length", says("HTTP/1.0 200 OK", "content-length: 2", "", "ok"), success(200)],
  ["speaks HTTP/1.0 without one", saysAndEnds("HTTP/1.0 200 OK", "", "ok"), success(200)],
  ["speaks HTTP/2 from the start", says("\0\0\x12\x04\0\0\0\0\0"), badStatusLine],
  ["sends the preface of HTTP/2", says("PRI * HTTP/2.0", "", "SM", "", ""), badStatusLine],
  ["claims to speak HTTP/3.7", says("HTTP/3.7 200 OK", "content-length: 0", "", ""), badStatusLine],
  ["says http in small letters", says("http/1.1 200 OK", "content-length: 0", "", ""), badStatusLine],
  ["ends lines with LF alone", says("HTTP/1.1 200 OK\ncontent-length: 0\n\n"), badStatusLine],
  ["ends lines with CR alone", says("HTTP/1.1 200 OK\rcontent-length: 0\r\r"), badStatusLine],
  ["greets like SMTP", says("220 mail.test ESMTP", ""), badStatusLine],
  ["greets like SSH", says("SSH-2.0-OpenSSH_9.9", ""), badStatusLine],

  // What comes before the answer proper
  ["sends 102 first", says("HTTP/1.1 102 Processing", "", ...OK), success(200)],
  ["sends 103 twice first", says(...early(103), ...early(103), ...OK), success(200)],
  ["sends 103 with a Retry-After of its own", says("HTTP/1.1 103 Early", "retry-after: 9", "", ...OK), success(200)],
  ["sends 103 and then goes", saysAndEnds(...early(103), ""), closed],
  ["sends 103 for ever", saysAnd([], (wire) => wire.flood("HTTP/1.1 103 Early\r\n\r\n")), endless],
  // Which it should not (RFC 9110, 15.2: whoever did not ask for it ignores it), but undici has it so.
  ["sends 100 first", says("HTTP/1.1 100 Continue", "", ...OK), fails("protocol", "UNEXPECTED_RESPONSE")],
  ["changes the protocol", says(...upgrade("websocket"), "", ""), fails("protocol", "UNEXPECTED_UPGRADE")],
  ["changes it without a word", says("HTTP/1.1 101 Switching", "", ""), fails("protocol", "INVALID_STATUS")],

  // Headers
  ["resets in the headers", saysAndResets("HTTP/1.1 200 OK", "content-le"), reset],
  ["closes in the headers", saysAndEnds("HTTP/1.1 200 OK", "content-le"), closed],
  ["drips its headers", saysAnd([], (wire) => wire.drip("HTTP/1.1 200 OK\r\nx-slow: indeed", 50)), timeout],
  ["folds a header", says("HTTP/1.1 200 OK", "x-folded: one", "  two", "content-length: 0", "", ""), badHeaders],
  ["has a NUL in a header", says("HTTP/1.1 200 OK", "x-nul: a\0b", "content-length: 0", "", ""), badHeaders],
  ["has a header without a colon", says("HTTP/1.1 200 OK", "nonsense", "content-length: 0", "", ""), badHeaders],
  ["has a space before the colon", says("HTTP/1.1 200 OK", "x-a : b", "content-length: 0", "", ""), badHeaders],
  ["has a header without a name", says("HTTP/1.1 200 OK", ": b", "content-length: 0", "", ""), badHeaders],
  ["has a header of 100 KB", answers(200, `x-long: ${"x".repeat(100_000)}`), headersTooLarge],
  ["has 1,000 headers", answers(200, ...many(1_000)), success(200)],
  ["has 5,000 headers", answers(200, ...many(5_000)), headersTooLarge],
  ["has headers without end", saysAnd(["HTTP/1.1 200 OK", ""], (wire) => wire.flood("x: y\r\n")), headersTooLarge],
  ["has a header that is called __proto__", answers(200, "__proto__: x", "constructor: y"), success(200)],
  ["sets cookies", answers(200, "set-cookie: a=b; Domain=.test"), success(200)],

  // How long the body is
  ["says its length twice", says("HTTP/1.1 200 OK", "content-length: 2", ...OK.slice(1)), badHeaders],
  ["says two lengths", says("HTTP/1.1 200 OK", "content-length: 3", ...OK.slice(1)), badHeaders],
  ["says two lengths in one line", says("HTTP/1.1 200 OK", "content-length: 2, 3", "", "ok"), badHeaders],
  ["says a length and that it sends chunks", says(...CHUNKED.slice(0, 2), ...OK.slice(1)), badHeaders],
  ["says so the other way round", says(...OK.slice(0, 2), ...CHUNKED.slice(1), "0", "", ""), badHeaders],
  ["says an empty length", says("HTTP/1.1 200 OK", "content-length: ", "", ""), badHeaders],
  ["says a length of -1", says("HTTP/1.1 200 OK", "content-length: -1", "", ""), badHeaders],
  ["says a length of 0x2", says("HTTP/1.1 200 OK", "content-length: 0x2", "", "ok"), badHeaders],
  [
    "says a length beyond all numbers",
    says("HTTP/1.1 200 OK", `content-length: ${"9".repeat(30)}`, "", ""),
    badHeaders,
  ],
  [
    "says a huge length and closes",
    saysAndEnds("HTTP/1.1 200 OK", "content-length: 9007199254740993", "", "ok"),
    closed,
  ],
  ["says nothing of the length and closes", saysAndEnds("HTTP/1.1 200 OK", "", "ok"), success(200)],
  // Where the end of the connection is the end of the body, undici takes any end.
  ["says nothing of the length and resets", saysAndResets("HTTP/1.1 200 OK", "", "ok"), success(200)],

  // The body
  ["closes in the middle of the body", saysAndEnds("HTTP/1.1 200 OK", "content-length: 9", "", "half"), closed],
  [
    "closes there and had said so",
    saysAndEnds("HTTP/1.1 200 OK", "connection: close", "content-length: 9", "", "x"),
    closed,
  ],
  ["resets in the middle of the body", saysAndResets("HTTP/1.1 200 OK", "content-length: 9", "", "half"), reset],
  ["stalls in the middle of the body", says("HTTP/1.1 200 OK", "content-length: 9", "", "half"), timeout],
  ["drips its body", saysAnd(["HTTP/1.1 200 OK", "", ""], (wire) => wire.drip("x".repeat(99), 50)), timeout],
  ["sends a body without end", saysAnd(["HTTP/1.1 200 OK", "", ""], (wire) => wire.flood("body ")), success(200)],
  ["sends chunks without end", saysAnd([...CHUNKED, ""], (wire) => wire.flood("5\r\nhello\r\n")), success(200)],
  ["fails with a body without end", saysAnd(["HTTP/1.1 500 No", "", ""], (wire) => wire.flood("no ")), transient(500)],
  ["sends 10 MB", says("HTTP/1.1 200 OK", "content-length: 10000000", "", "x".repeat(10_000_000)), success(200)],
  ["sends a gzip bomb", gzipped("gzip"), success(200)],
  ["sends one that was packed five times", gzipped("gzip, gzip, gzip, gzip, gzip"), success(200)],
  [
    "sends one as a coding of the transfer",
    says("HTTP/1.1 200 OK", "transfer-encoding: gzip, chunked", "", "0", "", ""),
    success(200),
  ],
  ["sends chunks of no known size", says(...CHUNKED, "zz", "hello", ""), badChunk],
  ["sends a chunk too large for any number", says(...CHUNKED, "F".repeat(20), "hello", ""), badChunk],
  ["sends more than the chunk was to have", says(...CHUNKED, "5", "hello, world", ""), badChunk],
  ["leaves out the last chunk", saysAndEnds(...CHUNKED, "5", "hello", ""), closed],
  ["sends a chunk's extension without end", saysAnd([...CHUNKED, "5;"], (wire) => wire.flood("extended")), endless],
  ["sends trailers without end", saysAnd([...CHUNKED, "0", ""], (wire) => wire.flood("x: y\r\n")), headersTooLarge],
  ["sends a body with 204", says("HTTP/1.1 204 No Content", "content-length: 2", "", "ok"), success(204)],
  ["sends a body with 205", says("HTTP/1.1 205 Reset Content", "content-length: 2", "", "ok"), success(205)],
  ["sends a body with 304", says("HTTP/1.1 304 Not Modified", "content-length: 2", "", "ok"), permanent(304)],
  ["sends more than it said", says(...OK, "and more"), success(200)],
  ["sends a second answer", says(...OK.slice(0, 3), "okHTTP/1.1 500 No", "content-length: 0", "", ""), success(200)],
  [
    "answers after the deadline",
    { onRequest: async (wire) => (await wire.pause(600), wire.write(OK.join("\r\n"))) },
    timeout,
  ],
  ["points to itself", answers(302, "location: /hook"), permanent(302)],
  ["asks for a password", answers(401, "www-authenticate: Basic"), permanent(401)],
];

function early(code: number): string[] {
  return [`HTTP/1.1 ${code} Early`, "link: </style.css>", ""];
}

function upgrade(to: string): string[] {
  return ["HTTP/1.1 101 Switching Protocols", "connection: upgrade", `upgrade: ${to}`];
}

function many(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `x-${index}: y`);
}

function gzipped(encoding: string): Script {
  return saysAnd(
    ["HTTP/1.1 200 OK", `content-encoding: ${encoding}`, "", ""],
    (wire) => (wire.write(bomb()), wire.end()),
  );
}

const TIMEOUT_MS = 400;

describe("HttpSender: what is made of an answer", () => {
  const closeAfterwards = cleanUp();
  const sender = testSender();
  after(() => sender.close());

  const outcome = async (script: Script, expected: Expected) => {
    const receiver = closeAfterwards(await ScriptedReceiver.listen(script));
    const result = await sender.send(requestTo(receiver.url, { destination: { timeoutMs: TIMEOUT_MS } }));
    const { status, error, detail } = result;
    expect({ status, error, detail, meaning: meaningOf(result) }).to.deep.equal(expected);
    expect(receiver.requests, "requests").to.have.length(1);
    return result;
  };

  for (const expected of STATUSES) {
    it(`${expected.status} is ${expected.meaning}`, async () =>
      void (await outcome(answers(expected.status ?? 0), expected)));
  }
  for (const [what, script, expected] of ANSWERS) {
    it(`one that ${what}: ${wordsFor(expected)}`, async () => void (await outcome(script, expected)));
  }

  for (const [header, retryAfter] of [
    [["retry-after: 120"], "120"],
    [["Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"], "Wed, 21 Oct 2015 07:28:00 GMT"],
    [["retry-after: soon, perhaps"], "soon, perhaps"],
    [["retry-after: 1000000000"], "1000000000"],
    [["retry-after: -5"], "-5"],
    [["retry-after:"], ""],
    [["retry-after: 5", "retry-after: 10"], "5, 10"],
    [[], null],
  ] as const) {
    it(`Retry-After is given as it came: ${header.join(" and ") || "not at all"}`, async () => {
      expect((await outcome(answers(429, ...header), transient(429))).retryAfter).to.equal(retryAfter);
    });
  }
});

/** What stands in the way of a connection. */
interface Dial {
  readonly url?: string;
  readonly resolve?: Resolve;
  readonly secure?: ReceiverOptions["secure"];
  /** None where nobody is to listen. */
  readonly script?: Script | null;
  /** Longer than the connector waits, unless it is told otherwise. */
  readonly timeoutMs?: number;
}

const secure = (certificate: typeof VALID, scheme = "https") => ({
  secure: certificate,
  url: `${scheme}://receiver.test:PORT/`,
});
const failing =
  (code: string): Resolve =>
  async () =>
    Promise.reject(Object.assign(new Error(code), { code }));
const to =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: 4 as const }));
const never: Resolve = async () => new Promise(() => undefined);
const blocked = (rule: string): Expected => ({ ...fails("blocked_address", rule), meaning: "permanent" });

const DIALS: readonly (readonly [what: string, Dial, Expected])[] = [
  ["nobody listens", { script: null }, fails("connect", "ECONNREFUSED")],
  ["an address that nobody can have", { resolve: to("255.255.255.255") }, fails("connect", "ENETUNREACH")],
  ["a name that does not exist", { resolve: failing("ENOTFOUND") }, fails("dns", "ENOTFOUND")],
  ["a name server that fails", { resolve: failing("EAI_AGAIN") }, fails("dns", "EAI_AGAIN")],
  ["a name without an address", { resolve: to() }, fails("dns", "ENODATA")],
  ["a name server that is silent", { resolve: never }, fails("dns", "ETIMEDOUT")],
  ["one that is silent for too long", { resolve: never, timeoutMs: 150 }, timeout],
  ["a name for this machine", { resolve: to("127.0.0.1") }, success(200)],
  ["a name for the inside", { resolve: to("10.0.0.1") }, blocked("address_private")],
  ["a name for both", { resolve: to("127.0.0.1", "10.0.0.1") }, blocked("addresses_mixed")],
  ["an address on the inside", { url: "http://169.254.169.254:PORT/" }, blocked("address_metadata")],
  ["the name localhost", { url: "http://localhost:PORT/", resolve: to("127.0.0.1") }, success(200)],
  ["what is no URL", { url: "no url" }, blocked("not_a_url")],
  ["a password in the URL", { url: "http://a:b@127.0.0.1:PORT/" }, blocked("credentials_in_url")],

  ["TLS", secure(VALID), success(200)],
  ["a certificate that nobody vouches for", secure(FOR_ANOTHER_NAME), fails("tls", "DEPTH_ZERO_SELF_SIGNED_CERT")],
  ["a certificate that has expired", secure(EXPIRED), fails("tls", "CERT_HAS_EXPIRED")],
  [
    "a certificate for another name",
    { ...secure(VALID), url: "https://wrong.test:PORT/" },
    fails("tls", "ERR_TLS_CERT_ALTNAME_INVALID"),
  ],
  [
    "TLS 1.1 and no more",
    { ...secure(VALID), secure: { ...VALID, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL@SECLEVEL=0" } },
    fails("tls", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"),
  ],
  [
    "HTTP where TLS is wanted",
    { url: "https://receiver.test:PORT/", script: { onConnection: (wire) => wire.write("HTTP/1.1 400 No\r\n\r\n") } },
    fails("tls", "ERR_SSL_WRONG_VERSION_NUMBER"),
  ],
  ["TLS where HTTP is wanted", secure(VALID, "http"), closed],
  [
    "one that accepts and never shakes hands",
    { url: "https://receiver.test:PORT/", script: NOTHING },
    fails("tls", "ETIMEDOUT"),
  ],
  ["one that does so for too long", { url: "https://receiver.test:PORT/", script: NOTHING, timeoutMs: 150 }, timeout],
  [
    "one that closes instead",
    { url: "https://receiver.test:PORT/", script: { onConnection: (wire) => wire.end() } },
    fails("tls", "ECONNRESET"),
  ],
];

describe("HttpSender: what is made of a dial", () => {
  const closeAfterwards = cleanUp();

  for (const [what, dial, expected] of DIALS) {
    it(`${what}: ${wordsFor(expected)}`, async () => {
      const { url = "http://a.test:PORT/", resolve = to("127.0.0.1"), secure, script, timeoutMs = 2_000 } = dial;
      const receiver = closeAfterwards(await ScriptedReceiver.listen(script ?? answers(200), secure && { secure }));
      const allow = ["127.0.0.1", "255.255.255.255", "localhost"];
      const sender = closeAfterwards(
        testSender({ resolve, allow, connectTimeoutMs: 300, ca: [VALID.cert, EXPIRED.cert] }),
      );
      const request = requestTo(url.replace("PORT", `${receiver.port}`), { destination: { timeoutMs } });
      if (script === null) await receiver.close();

      const result = await sender.send(request);

      const { status, error, detail } = result;
      expect({ status, error, detail, meaning: meaningOf(result) }).to.deep.equal(expected);
      expect(result.responseExcerpt).to.equal(null);
      expect(receiver.requests).to.have.length(expected.status === null ? 0 : 1);
    });
  }
});

function wordsFor({ status, error, detail }: Expected): string {
  return error === null ? `${status}` : `${error}${detail === null ? "" : ` (${detail})`}`;
}
