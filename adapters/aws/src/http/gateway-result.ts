import type { APIGatewayProxyResult, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { type GatewayEvent, isV2 } from "./gateway-request.js";

/** An answer as API Gateway takes it, in the format of the event. */
export type GatewayResult = APIGatewayProxyResult | APIGatewayProxyStructuredResultV2;

/** An answer as node:http has it. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, number | string | readonly string[] | undefined>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Between two machines only; the gateway has its own. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "trailer"]);

export function resultOf(event: GatewayEvent, { statusCode, headers, body, isBase64Encoded }: Answer): GatewayResult {
  const bodiless = statusCode === 204 || statusCode === 304;
  const all = Object.entries(headers)
    .filter(([name]) => !HOP_BY_HOP.has(name) && !(bodiless && name === "content-length"))
    .map(([name, value]) => [name, [value ?? []].flat().map(String)] as const);
  const rest = bodiless
    ? { statusCode, body: "", isBase64Encoded: false }
    : { statusCode, body, isBase64Encoded: isBase64Encoded && body !== "" };
  if (!isV2(event)) return { ...rest, multiValueHeaders: Object.fromEntries(all) };
  const cookies = all.find(([name]) => name === "set-cookie")?.[1] ?? [];
  const single = all.filter(([name]) => name !== "set-cookie").map(([name, values]) => [name, values.join(", ")]);
  return {
    ...rest,
    headers: Object.fromEntries(single) as Record<string, string>,
    ...(cookies.length > 0 && { cookies }),
  };
}

/** What is text in UTF-8 by its type goes as it is; of all else it is not known, and so it goes in Base64. */
export function isBytes({ headers }: Pick<Answer, "headers">): boolean {
  const { "content-encoding": encoding = "identity", "content-type": type = "text/plain" } = headers;
  const [media = "", ...parameters] = String(type)
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((one) => one.startsWith("charset=")) ?? "charset=utf-8";
  return encoding !== "identity" || !TEXT.test(media) || !/^charset="?utf-?8"?$/.test(charset);
}

const TEXT = /^(?:text\/.+|application\/(?:.+\+)?(?:json|xml|yaml|javascript|x-ndjson))$/;
