import type { IncomingMessage, ServerResponse } from "node:http";

const PATH = "/inbox";
const MOST = 100;
const LONGEST = 300_000;

export interface Arrival {
  readonly id: string;
  readonly type: string;
  readonly attempt: number;
  readonly lateMs: number;
  readonly body: unknown;
  /** What its signature can be verified by: the very text that came, and what was said of it. */
  readonly signed: { readonly timestamp: string; readonly signature: string; readonly text: string };
}

/** A receiver to try things with: it takes whatever comes, says so, and shows the last hundred of them to who asks. */
export class Inbox {
  readonly #arrivals: Arrival[] = [];
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  isFor({ url = "" }: IncomingMessage): boolean {
    return url === PATH || url.startsWith(`${PATH}/`) || url.startsWith(`${PATH}?`);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "GET" && request.headers["webhook-id"] === undefined) {
      response.writeHead(200, { "content-type": "application/json" });
      return void response.end(JSON.stringify({ items: this.#arrivals }));
    }
    const text = await textOf(request);
    const at = Date.now();
    const { "webhook-id": id, "punctual-attempt": attempt, "punctual-due": due } = request.headers;
    const { "webhook-timestamp": timestamp, "webhook-signature": signature } = request.headers;
    const body = parsed(text);
    const arrival = {
      id: String(id ?? ""),
      type: typeOf(body),
      attempt: Number(attempt ?? 1),
      lateMs: at - Date.parse(String(due ?? "")),
      body,
      signed: { timestamp: String(timestamp ?? ""), signature: String(signature ?? ""), text },
    };
    this.#arrivals.push(arrival);
    if (this.#arrivals.length > MOST) this.#arrivals.shift();
    this.#say(`arrived  ${arrival.type}  ${arrival.id}  ${arrival.lateMs} ms after it was due`);
    response.writeHead(204).end();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request as AsyncIterable<string>) {
    if (text.length < LONGEST) text += chunk;
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function typeOf(body: unknown): string {
  const type = typeof body === "object" && body !== null && "type" in body ? body.type : "";
  return typeof type === "string" ? type : "";
}
