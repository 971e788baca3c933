import type { Asked } from "./asked.js";
import type { Chance } from "./chance.js";

/** A request that nobody means: what would have been right, broken in one or more places. */
export function garbled(asked: Asked, chance: Chance): Asked {
  const ways = [oddBody, oddHeaders, oddQuery, oddPath, oddType, oddMethod];
  let garbage: Asked = { ...asked, kind: "garbage" };
  do garbage = chance.one(ways)(garbage, chance);
  while (chance.often(30));
  return garbage;
}

function oddBody(asked: Asked, chance: Chance): Asked {
  const text = asked.body?.toString() ?? "{}";
  const bytes = Buffer.from(text);
  const cut = chance.whole(0, bytes.length);
  const body = chance.one<() => string | Buffer>([
    () => "",
    () => bytes.subarray(0, cut),
    () => `\ufeff${text}`,
    () => `${text}${text}`,
    () => Buffer.concat([bytes.subarray(0, cut), chance.bytes(chance.whole(1, 8)), bytes.subarray(cut)]),
    () => chance.bytes(chance.one([1, 100, 10_000])),
    () => Buffer.from(text, "utf16le"),
    () => Buffer.concat([bytes.subarray(0, cut), Buffer.from([0xed, 0xa0, 0x80]), bytes.subarray(cut)]),
    () => chance.one(["null", "[]", '"x"', "1e999", "{,}", "NaN", "\n\n\n", "\u0000", "[".repeat(20_000)]),
    () => `{"a":"${"x".repeat(chance.one([100_000, 1_048_000, 1_048_576]))}"}`,
    () => `${"\n".repeat(1_000)}${text}\n{"a":1}\n${"x".repeat(10_000)}\n`,
  ])();
  return { ...asked, body };
}

function oddHeaders(asked: Asked, chance: Chance): Asked {
  const odd: Readonly<Record<string, readonly (string | readonly string[])[]>> = {
    "if-match": ['W/"1"', '"999999999999999999"', '""', "1", '"1", "2"', "x".repeat(5_000), '"-1"', '"1e0"', "**"],
    "idempotency-key": ["", " ", "a b", "é", "x".repeat(256), "x".repeat(255), ["a", "b"], "__proto__", '"quoted"'],
    "last-event-id": ["", "-1", "x".repeat(5_000), "\u00ff"],
    "x-request-id": ["", "x".repeat(5_000), "a b", "\u00e9", "<script>"],
    authorization: ["", "Bearer", "Basic YTpi", "Bearer x.y.z", "nobody:main:x", "Bearer admin:other:ada", "Bearer ::"],
    accept: ["text/html", "*/*;q=0", "\u00ff", "x".repeat(5_000)],
    "content-encoding": ["gzip", "identity", "br", "GZIP, identity", ""],
    "content-length": ["0"],
    range: ["bytes=0-1", "x"],
    expect: ["100-continue"],
    "x-http-method-override": ["DELETE"],
    "x-forwarded-for": ["127.0.0.1", "x".repeat(1_000)],
    host: ["", "evil.test", "a:b:c"],
    cookie: ["a=b; ".repeat(1_000)],
    "webhook-id": ["x", "\u00e9"],
    "webhook-timestamp": ["0", "NaN", "1e999", "99999999999999999999"],
    "webhook-signature": ["v1,", "x".repeat(5_000)],
  };
  const chosen = [chance.one(Object.keys(odd)), ...chance.some(Object.keys(odd), 10)];
  const headers = Object.fromEntries(chosen.map((name) => [name, chance.one(odd[name] ?? [""])]));
  // A body that is not sent as it is announced is told in `bad-input.test.ts`.
  const body = "content-length" in headers ? null : asked.body;
  return { ...asked, headers: { ...asked.headers, ...headers }, body };
}

function oddQuery(asked: Asked, chance: Chance): Asked {
  const part = () =>
    chance.one([
      ...["limit=-1", "limit=1e1", "limit=%20", "limit=", "limit=9".padEnd(400, "9"), "limit=1&limit=1", "limit=true"],
      ...[
        "cursor=",
        "cursor=%00",
        "cursor=AAAA",
        `cursor=${"A".repeat(1_024)}`,
        "cursor=%ff",
        "cursor[]=a",
        "cursor=__",
      ],
      ...[
        "count=0",
        "count=1001",
        "count=1.5",
        "after=now",
        "after=2027-02-30T00:00:00Z",
        "after=9999-12-31T23:59:59Z",
      ],
      ...["__proto__=1", "constructor=1", "__proto__[admin]=1", "%", "%zz=1", "%00=1", "=", "&&&", "a".repeat(8_000)],
      ...["state=PENDING&state=FAILED", "state=x", "label=__proto__:1", "label=%ud800:1", "label=a:%00", "type=%00"],
      ...["minLatenessMs=1e3", "minLatenessMs=-0", "dueFrom=9999-12-31T23:59:59.999Z", "timeZone=%F0%9F%99%82"],
      ...["from=1970-01-01T00:00:00Z", "to=9999-12-31T00:00:00Z", "destinationId=%2e%2e", "type=%ff"],
      ...[Array.from({ length: 500 }, () => "label=a:1").join("&"), "x=1;y=2", "status=deleted"],
    ]);
  const parts = chance.list(chance.whole(1, 3), part).join("&");
  return { ...asked, path: `${asked.path}${asked.path.includes("?") ? "&" : "?"}${parts}` };
}

function oddPath(asked: Asked, chance: Chance): Asked {
  const [before = "", ...query] = asked.path.split("?");
  const steps = before.split("/");
  const at = chance.whole(1, steps.length - 1);
  const step = chance.one([
    ...["%zz", "%", "%00", "%ff", "%e0%a4", "%2f", "..", "%2e%2e", ".", "", "__proto__", "constructor", "%25zz", "*"],
    ...["%C3%A9", "x".repeat(5_000), "%F0%9F%99%82", "0", "null", "undefined", ";a=b", ":id", "{id}", "%5Cn"],
    ...["00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "import", "by-key", "redrive"],
  ]);
  const path = steps.map((one, nth) => (nth === at ? step : one)).join("/");
  return { ...asked, path: [chance.often(10) ? `/${path}` : path, ...query].join("?") };
}

function oddType(asked: Asked, chance: Chance): Asked {
  const type = chance.one([
    ...["text/plain", "application/json; charset=utf-16", "application/json;charset=UTF8", "application/x-ndjson"],
    ...["application/merge-patch+json", "APPLICATION/JSON", "application/json, text/plain", "multipart/form-data", ";"],
    ...["", "application/json;".repeat(500), "application/xml", "\u00ff", "application/x-www-form-urlencoded"],
  ]);
  return { ...asked, headers: { ...asked.headers, "content-type": type } };
}

function oddMethod(asked: Asked, chance: Chance): Asked {
  return {
    ...asked,
    method: chance.one(["put", "head", "options", "trace", "patch", "propfind", "delete", "get", "post"]),
  };
}
