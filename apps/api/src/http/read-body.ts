import type { IncomingMessage } from "node:http";
import { Refused } from "./refused.js";

/** A payload may have 256 KiB, and all else that stands beside it is small. */
export const LONGEST_BODY = 1_048_576;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Refuses what is of another type than these, or compressed. */
export function checkType({ headers }: IncomingMessage, types: readonly string[]): void {
  const { "content-type": type, "content-encoding": encoding } = headers;
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new Refused(415, "unsupported_encoding", "The body must not be compressed");
  }
  if (isOneOf(type, types)) return;
  throw new Refused(415, "unsupported_media_type", `The body must be ${types.join(" or ")}, in UTF-8`);
}

/** The whole body as text, for what says that it is one of these types, uncompressed and in UTF-8. */
export async function readBody(request: IncomingMessage, types: readonly string[]): Promise<string> {
  const isThere = request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"]) > 0;
  if (isThere) checkType(request, types);
  const bytes = await bytesOf(request);
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new Refused(400, "not_utf8", "The body is not valid UTF-8", { cause: error });
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = () =>
    // What is still coming is not read: the connection is of no more use.
    new Refused(413, "too_large", `The body must have at most ${LONGEST_BODY} bytes`, {
      headers: { connection: "close" },
    });
  if (Number(request.headers["content-length"] ?? 0) > LONGEST_BODY) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  // One that has not come whole by then never will.
  const timer = setTimeout(() => request.destroy(tooSlow()), 30_000);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_BODY) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused(400, "broken_off", "The body broke off", { cause: error });
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks, length);
}

function tooSlow(): Refused {
  return new Refused(408, "too_slow", "The body did not come in time", { headers: { connection: "close" } });
}

function isOneOf(type: string | undefined, types: readonly string[]): boolean {
  const [media = "", ...parameters] = (type ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters
    .find((one) => one.startsWith("charset="))
    ?.slice("charset=".length)
    .replaceAll('"', "");
  return types.includes(media) && (charset === undefined || charset === "utf-8" || charset === "utf8");
}

/** Text that is JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused(400, "malformed_json", "The body is not valid JSON", { cause: error });
  }
}
