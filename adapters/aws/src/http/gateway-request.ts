import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from "aws-lambda";

/** What API Gateway invokes a function with: payload format 1.0, of REST APIs, or 2.0, of HTTP APIs and function URLs. */
export type GatewayEvent = APIGatewayProxyEvent | APIGatewayProxyEventV2;

/** A request in the form from which one of node:http is made. */
export interface GatewayRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly remoteAddress: string;
}

type Pairs = readonly (readonly [name: string, value: string])[];

export function isV2(event: GatewayEvent): event is APIGatewayProxyEventV2 {
  return "version" in event && event.version === "2.0";
}

/**
 * The request as it reached API Gateway, but for what the gateway put before its path: a stage, which stands in format 2.0
 * alone, and `basePath`, by which a domain of one's own leads to this API.
 */
export function requestOf(event: GatewayEvent, basePath: string): GatewayRequest {
  const parts = isV2(event) ? partsOfV2(event) : partsOfV1(event);
  // A REST API leaves a path as it came and names no version; others decode it, so that a lone percent sign was encoded once.
  const path = escaped(without(parts.path, basePath), "version" in event ? LITERAL : UNREADABLE);
  const body = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  return {
    method: parts.method,
    path: parts.query === "" ? path : `${path}?${parts.query}`,
    headers: headersOf(parts.headers, body.length),
    remoteAddress: parts.remoteAddress,
    ...(body.length > 0 && { body }),
  };
}

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Pairs;
  readonly remoteAddress: string;
}

function partsOfV1(event: APIGatewayProxyEvent): Parts {
  return {
    method: event.httpMethod,
    path: event.path,
    // Decoded by the gateway, so they are encoded again.
    query: queryOf(pairsOf(event.multiValueQueryStringParameters, event.queryStringParameters)),
    headers: pairsOf(event.multiValueHeaders, event.headers),
    remoteAddress: event.requestContext.identity.sourceIp,
  };
}

function partsOfV2(event: APIGatewayProxyEventV2): Parts {
  const { http, stage } = event.requestContext;
  const cookies: Pairs = event.cookies?.map((cookie) => ["cookie", cookie] as const) ?? [];
  return {
    method: http.method,
    path: stage === "$default" ? event.rawPath : without(event.rawPath, `/${stage}`),
    query: event.rawQueryString,
    headers: [...pairsOf(null, event.headers), ...cookies],
    remoteAddress: http.sourceIp,
  };
}

/** Each value with its name. Which of the two forms there is depends on who made the event: a test in the console has none. */
function pairsOf(
  many: Readonly<Record<string, readonly string[] | undefined>> | null,
  single: Readonly<Record<string, string | undefined>> | null,
): Pairs {
  const all =
    many === null ? Object.entries(single ?? {}).map(([name, one]) => [name, [one]] as const) : Object.entries(many);
  return all.flatMap(([name, values]) =>
    (values ?? []).flatMap((value) => (value === undefined ? [] : [[name, value] as const])),
  );
}

function queryOf(pairs: Pairs): string {
  const query = new URLSearchParams();
  for (const [name, value] of pairs) query.append(name, value);
  return query.toString();
}

function without(path: string, prefix: string): string {
  if (prefix === "" || (path !== prefix && !path.startsWith(`${prefix}/`))) return path;
  return path.slice(prefix.length) || "/";
}

/** What no path has in which everything is encoded that must be. */
const UNREADABLE = /[^\x21-\x7e]|["#<>?]/gu;
const LITERAL = /%(?![\da-f]{2})|[^\x21-\x7e]|["#<>?]/giu;

function escaped(path: string, what: RegExp): string {
  const text = path.startsWith("/") ? path : `/${path}`;
  return text.toWellFormed().replaceAll(what, encodeURIComponent);
}

/** Of these Node takes the first where there are several; others it joins. */
const SINGLE = new Set([
  ...["age", "authorization", "content-length", "content-type", "etag", "expires", "from", "host", "if-modified-since"],
  ...["if-unmodified-since", "last-modified", "location", "max-forwards", "proxy-authorization", "referer"],
  ...["retry-after", "server", "user-agent"],
]);

/** As a server of node:http would have read them, for a body that came whole and in one piece. */
function headersOf(pairs: Pairs, bodyBytes: number): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const [given, value] of pairs) {
    const name = given.toLowerCase();
    const before = headers.get(name);
    if (before === undefined) headers.set(name, value);
    else if (!SINGLE.has(name)) headers.set(name, `${before}${name === "cookie" ? "; " : ", "}${value}`);
  }
  headers.delete("transfer-encoding");
  headers.delete("content-length");
  if (bodyBytes > 0) headers.set("content-length", String(bodyBytes));
  return Object.fromEntries(headers);
}
