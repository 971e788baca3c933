import type { IncomingMessage, ServerResponse } from "node:http";

export interface OpsDeps {
  /** In the format of Prometheus. */
  readonly metrics: () => Promise<string>;
  /** Throws where starting anew is the only help. */
  readonly live: () => void;
  /** Throws while there should come no work. */
  readonly ready: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const OK: Answer = { status: 200, type: "application/json", text: '{"status":"ok"}' };
const AWAY: Answer = { status: 503, type: "application/json", text: '{"status":"away"}' };

/** What machines ask of a process: on a port that only they reach, since metrics are nobody else's business. */
export class Ops {
  readonly #deps: OpsDeps;

  constructor(deps: OpsDeps) {
    this.#deps = deps;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, text } = await this.#answerTo(request);
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
  }

  async #answerTo({ method, url = "" }: IncomingMessage): Promise<Answer> {
    if (method !== "GET" && method !== "HEAD") return { status: 405, type: "text/plain", text: "Only GET\n" };
    const path = url.split("?")[0] ?? "";
    switch (path) {
      case "/metrics":
        return this.#deps.metrics().then(
          (text) => ({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8", text }),
          () => AWAY,
        );
      case "/health/live":
        return held(async () => this.#deps.live());
      case "/health/ready":
        return held(this.#deps.ready);
      default:
        return { status: 404, type: "text/plain", text: "There are /metrics, /health/live and /health/ready\n" };
    }
  }
}

/** Why not is for the log: whoever asks has shown no token. */
async function held(check: () => Promise<void>): Promise<Answer> {
  return check().then(
    () => OK,
    () => AWAY,
  );
}
