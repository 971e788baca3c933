import { Agent, request as httpRequest } from "node:http";
import type { Answer } from "../desk.js";
import type { Asked } from "./asked.js";

/** Asks exactly what it is told to, one thing after the other, over one connection while that lasts. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #base: URL;

  constructor(base: string) {
    this.#base = new URL(base);
  }

  async ask({ method, path, headers, body }: Omit<Asked, "operation" | "kind">): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { hostname, port } = this.#base;
    const request = httpRequest(
      { hostname, port, method: method.toUpperCase(), path, agent: this.#agent, headers: headersOf(headers, body) },
      (response) => {
        const chunks: Buffer[] = [];
        const pairs = Object.entries(response.headersDistinct);
        const told = new Headers(
          pairs.flatMap(([name, some = []]) => some.map((one): [string, string] => [name, one])),
        );
        const answer = () => resolve(answerOf(response.statusCode ?? 0, told, Buffer.concat(chunks).toString("utf8")));
        const endless = told.get("content-type")?.startsWith("text/event-stream") === true;
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          if (!endless) return;
          // It goes on for ever: that it began is the answer.
          answer();
          request.destroy();
        });
        response.on("error", reject);
        response.on("end", answer);
      },
    );
    const timer = setTimeout(() => request.destroy(new Error("No answer within 10 s")), 10_000);
    request.on("error", reject);
    request.end(body ?? undefined);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

function headersOf(headers: Asked["headers"], body: Asked["body"]): Record<string, string | string[]> {
  const given = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
  return body === null ? given : { ...given, "content-length": String(Buffer.byteLength(body)) };
}

function answerOf(status: number, headers: Headers, text: string): Answer {
  const type = headers.get("content-type") ?? "";
  const isJson = /json(;|$)/.test(type) && !type.includes("ndjson") && text !== "";
  return { status, headers, text, json: isJson ? (JSON.parse(text) as Answer["json"]) : {} };
}
