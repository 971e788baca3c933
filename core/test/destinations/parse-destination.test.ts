import { expect } from "chai";
import fc from "fast-check";
import { parseDestination } from "../../src/destinations/parse-destination.js";
import { InvalidInput } from "../../src/errors.js";

const url = "https://example.com/hook";

function wrong(input: unknown): unknown {
  try {
    return parseDestination(input);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.problems.map(({ pointer, code }) => `${pointer} ${code}`);
  }
}

type Case = readonly [title: string, input: unknown, ...problems: string[]];

const header = (name: string, value: unknown = "x") => ({ url, headers: { [name]: value } });

const URLS: readonly Case[] = [
  ["no URL", {}, "/url required"],
  ["null", { url: null }, "/url not_text"],
  ["an empty URL", { url: "" }, "/url empty"],
  ["a path", { url: "/hook" }, "/url not_a_url"],
  ["a host", { url: "example.com" }, "/url not_a_url"],
  ["a URL without slashes", { url: "https:example.com" }, "/url not_a_url"],
  ["a URL with one slash", { url: "https:/example.com" }, "/url not_a_url"],
  ["a URL with a backslash", { url: "https:\\\\example.com" }, "/url not_a_url"],
  ["a URL without a host", { url: "https://" }, "/url not_a_url"],
  ["a URL with three slashes", { url: "https:///example.com" }, "/url not_a_url"],
  ["a URL with a space in front", { url: " https://example.com" }, "/url not_a_url"],
  ["another scheme", { url: "ftp://example.com" }, "/url not_a_url"],
  ["a file", { url: "file:///etc/passwd" }, "/url not_a_url"],
  ["a script", { url: "javascript:alert(1)" }, "/url not_a_url"],
  ["data", { url: "data:,x" }, "/url not_a_url"],
  ["a port that there is not", { url: "https://example.com:65536" }, "/url not_a_url"],
  ["a broken address", { url: "https://[::1" }, "/url not_a_url"],
  ["a user", { url: "https://ada@example.com" }, "/url credentials_in_url"],
  ["a user and a password", { url: "https://ada:secret@example.com" }, "/url credentials_in_url"],
  ["a password", { url: "https://:secret@example.com" }, "/url credentials_in_url"],
  ["CR and LF", { url: "https://example.com/\r\nhost: x" }, "/url control_characters"],
  ["a tab, which URLs drop", { url: "https://exam\tple.com" }, "/url control_characters"],
  ["NUL", { url: "https://example.com/\0" }, "/url control_characters"],
  ["a long URL", { url: `https://example.com/${"a".repeat(2_048)}` }, "/url too_long"],
];

const OURS = [
  ...["host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "keep-alive"],
  ...["proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "upgrade", "expect"],
  ...["accept-encoding", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature", "idempotency-key"],
  ...["traceparent", "tracestate", "punctual-attempt", "punctual-due", "punctual-anything"],
];

const HEADERS: readonly Case[] = [
  ["headers in a list", { url, headers: [["a", "b"]] }, "/headers not_an_object"],
  ["headers as text", { url, headers: "a: b" }, "/headers not_an_object"],
  ["a number for a value", header("x-a", 5), "/headers/x-a not_text"],
  ["a list for a value", header("x-a", ["b"]), "/headers/x-a not_text"],
  ["an empty value", header("x-a", ""), "/headers/x-a empty"],
  ["a long value", header("x-a", "b".repeat(4_097)), "/headers/x-a too_long"],
  ["CR and LF in a value", header("x-a", "b\r\nx-c: d"), "/headers/x-a control_characters"],
  ["LF in a value", header("x-a", "b\nx-c: d"), "/headers/x-a control_characters"],
  ["NUL in a value", header("x-a", "b\0"), "/headers/x-a control_characters"],
  ["an umlaut in a value", header("x-a", "ü"), "/headers/x-a bad_header_value"],
  ["a line end of Unicode in a value", header("x-a", "b\u2028x-c: d"), "/headers/x-a bad_header_value"],
  ["CR and LF in a name", header("x-a\r\nx-b"), "/headers/x-a\r\nx-b bad_header_name"],
  ["a space in a name", header("x a"), "/headers/x a bad_header_name"],
  ["a colon in a name", header("x:a"), "/headers/x:a bad_header_name"],
  ["a slash in a name", header("x/a"), "/headers/x~1a bad_header_name"],
  ["an empty name", header(""), "/headers/ bad_header_name"],
  ["an umlaut in a name", header("x-ü"), "/headers/x-ü bad_header_name"],
  ["a name of HTTP/2", header(":authority"), "/headers/:authority bad_header_name"],
  ["a long name", header("a".repeat(129)), `/headers/${"a".repeat(64)} bad_header_name`],
  [
    "a name of two megabytes",
    header("a".repeat(2_000_000), 5),
    `/headers/${"a".repeat(64)} not_text`,
    `/headers/${"a".repeat(64)} bad_header_name`,
  ],
  ["a name twice", { url, headers: { "X-A": "1", "x-a": "2" } }, "/headers/x-a doubled_header"],
  [
    "33 headers",
    { url, headers: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`x-${index}`, "a"])) },
    "/headers too_many",
  ],
  ...OURS.map((name) => [`our ${name}`, header(name), `/headers/${name} header_not_settable`] as const),
  ["one of ours in capitals", header("Webhook-Signature"), "/headers/Webhook-Signature header_not_settable"],
];

const OTHERS: readonly Case[] = [
  ["null", null, " not_an_object", "/url required"],
  ["an unknown method", { url, method: "TRACE" }, "/method not_a_choice"],
  ["a method in small letters", { url, method: "post" }, "/method not_a_choice"],
  ["a rate of 0", { url, ratePerSecond: 0 }, "/ratePerSecond out_of_range"],
  ["half a request", { url, ratePerSecond: 0.5 }, "/ratePerSecond out_of_range"],
  ["a wait for an ack of a blink", { url, ackWithinMs: 999 }, "/ackWithinMs out_of_range"],
  ["a wait for an ack of over a week", { url, ackWithinMs: 604_800_001 }, "/ackWithinMs out_of_range"],
  ["a rate of null", { url, ratePerSecond: null }, "/ratePerSecond out_of_range"],
  ["a concurrency of 0", { url, concurrency: 0 }, "/concurrency out_of_range"],
  ["no time", { url, timeoutMs: 0 }, "/timeoutMs out_of_range"],
  ["an hour", { url, timeoutMs: 3_600_000 }, "/timeoutMs out_of_range"],
  ["an unknown field", { url, Url: url }, "/Url unknown_field"],
  [
    "much at once",
    { url: "x", method: "x", headers: 1, concurrency: "1", more: 1 },
    "/url not_a_url",
    "/method not_a_choice",
    "/headers not_an_object",
    "/concurrency out_of_range",
    "/more unknown_field",
  ],
];

describe("parseDestination", () => {
  for (const [title, input, ...problems] of [...URLS, ...HEADERS, ...OTHERS]) {
    it(`refuses ${title}`, () => expect(wrong(input)).to.deep.equal(problems));
  }

  it("says what it assumes", () => {
    expect(parseDestination({ url })).to.deep.equal({
      kind: "http",
      url,
      method: "POST",
      headers: {},
      ratePerSecond: null,
      ackWithinMs: null,
      concurrency: null,
      timeoutMs: 10_000,
    });
  });

  it("keeps what it is told, and writes the names of headers small", () => {
    const input = {
      kind: "http",
      url,
      method: "PUT",
      ratePerSecond: 5,
      concurrency: 2,
      timeoutMs: 500,
      ackWithinMs: 60_000,
    };
    const headers = { Authorization: "Bearer x", "X-A": "b c" };
    expect(parseDestination({ ...input, headers })).to.deep.equal({
      ...input,
      headers: { authorization: "Bearer x", "x-a": "b c" },
    });
  });

  it("keeps a header called __proto__ a header", () => {
    const headers: unknown = JSON.parse('{"__proto__":"x","constructor":"y"}');
    const parsed = parseDestination({ url, headers }).headers;
    expect(Object.keys(parsed)).to.deep.equal(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(parsed)).to.equal(Object.prototype);
  });

  for (const good of [
    "http://localhost:8080",
    "HTTPS://EXAMPLE.com/a?b=c#d",
    "https://[2001:db8::1]/",
    "https://bücher.example/ä b",
  ]) {
    it(`takes ${good}`, () => expect(parseDestination({ url: good }).url).to.equal(good));
  }

  it("leaves other kinds to say what their URL is", () => {
    expect(parseDestination({ kind: "queue", url: "orders" })).to.include({ kind: "queue", url: "orders" });
  });

  it("throws nothing but InvalidInput, and lets no header break a line", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(url, "\r\n", "x-a", "host", "a\nb"));
    const input = fc.record(
      {
        url: fc.oneof(fc.constant(url), text, fc.anything()),
        headers: fc.oneof(fc.dictionary(text, text), fc.anything()),
        method: fc.anything(),
        kind: fc.oneof(fc.constant("http"), fc.anything()),
      },
      { requiredKeys: ["url"] },
    );
    fc.assert(
      fc.property(input, (input) => {
        const found = wrong(input);
        if (Array.isArray(found)) return;
        const { headers } = found as { headers: Record<string, string> };
        for (const [name, value] of Object.entries(headers)) expect(name + value).to.match(/^[\x20-\x7e]+$/);
        expect(() => new Headers(headers)).not.to.throw();
      }),
      { seed: 1, numRuns: 5_000 },
    );
  });
});
