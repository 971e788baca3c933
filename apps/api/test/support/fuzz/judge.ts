import { contract } from "../../../src/contract/index.js";
import { type Answer, hold } from "../desk.js";
import type { Asked } from "./asked.js";

const LONGEST_ECHO = 100;

/** What only a program says that broke. */
const INSIDES =
  /node_modules|\.[jt]s:\d+|\bat \w+ \(|\b(TypeError|RangeError|SyntaxError|ReferenceError)\b|violates|relation "|\bselect .* from\b|syntax error|duplicate key|mikro|ECONN|undefined|\[object /i;

/** What is wrong with an answer; null where nothing is. */
export function objectionTo(asked: Asked, answer: Answer): string | null {
  const { status, headers, text, json } = answer;
  if (status >= 500) return `${status}`;
  // Node says itself that headers are too long, before anybody else is asked.
  if (asked.method === "head" || (status === 431 && text === "")) return null;
  const isOwn = asked.kind !== "garbage";
  if (isOwn || status < 400) {
    const operation = contract.find(({ id }) => id === asked.operation.id);
    try {
      if (operation !== undefined && isOwn) hold(operation, answer);
    } catch (error) {
      return `not in the contract: ${(error as Error).message.slice(0, 300)}`;
    }
  }
  if (status < 400) return null;
  if (status >= 400 && !(headers.get("content-type") ?? "").startsWith("application/problem+json")) {
    return `no problem+json: ${headers.get("content-type")}`;
  }
  const echo = echoIn(json, asked);
  if (echo !== null) return `echoes ${echo.slice(0, 200)}`;
  const sent = `${asked.path}${asked.body?.toString("utf8") ?? ""}`;
  const inside = INSIDES.exec(text)?.[0];
  return inside !== undefined && !sent.includes(inside) ? `tells of its insides: ${inside}` : null;
}

/** A stretch of an answer's texts, too long, that came from the request. */
function echoIn(json: unknown, { path, body, headers }: Asked): string | null {
  const texts = textsIn(json).filter((text) => text.length > LONGEST_ECHO);
  if (texts.length === 0) return null;
  const sent = [path, body?.toString("utf8") ?? "", ...Object.values(headers).flat()];
  for (const text of texts) {
    for (let from = 0; from + LONGEST_ECHO < text.length; from++) {
      const stretch = text.slice(from, from + LONGEST_ECHO + 1);
      if (sent.some((one) => one.includes(stretch) || decoded(one).includes(stretch))) return stretch;
    }
  }
  return null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
