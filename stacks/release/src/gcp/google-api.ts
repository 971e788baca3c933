import { GoogleAuth } from "google-auth-library";
import { machinePace } from "../pace.js";
import type { Pace } from "../world.js";

/** Answers an access token of whoever runs this. */
export type Token = () => Promise<string>;

export interface GoogleApiOptions {
  readonly token?: Token;
  /** Where a service answers, such as `run.googleapis.com`; left out, there. */
  readonly origins?: Readonly<Record<string, string>>;
  readonly pace?: Pick<Pace, "wait">;
}

export interface Ask {
  readonly method?: "GET" | "POST";
  /** Begins with the name of the service. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What else than 200 is an answer. */
  readonly accepted?: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** One of Google's services has said no. */
export class GoogleRefused extends Error {
  override readonly name = "GoogleRefused";
  readonly status: number;

  constructor(url: string, status: number, said: string) {
    super(`${url} answered ${String(status)}: ${said}`);
    this.status = status;
  }
}

const TRIES = 4;
const RETRY_MS = 1_000;
const ANSWERED_MS = 60_000;

/** Google's services over HTTP. What only looks is asked again where a service is away; what changes something is not. */
export class GoogleApi {
  readonly #token: Token;
  readonly #origins: Readonly<Record<string, string>>;
  readonly #pace: Pick<Pace, "wait">;

  constructor({ token = ownToken(), origins = {}, pace = machinePace }: GoogleApiOptions = {}) {
    this.#token = token;
    this.#origins = origins;
    this.#pace = pace;
  }

  async ask(ask: Ask): Promise<Answer> {
    const looks = (ask.method ?? "GET") === "GET";
    for (let tries = 1; ; tries++) {
      const last = !looks || tries === TRIES;
      try {
        const answer = await this.#once(ask);
        if (answer.status === 200 || ask.accepted?.includes(answer.status) === true) return answer;
        if (last || !isPassing(answer.status)) throw new GoogleRefused(ask.url, answer.status, saidIn(answer.body));
      } catch (error) {
        if (last || !isBroken(error)) throw error;
      }
      await this.#pace.wait(RETRY_MS);
    }
  }

  async #once({ method = "GET", url, query = {}, body }: Ask): Promise<Answer> {
    const [host = ""] = url.split("/");
    const origin = this.#origins[host] ?? `https://${host}`;
    const search = new URLSearchParams(query).toString();
    const answer = await fetch(`${origin}${url.slice(host.length)}${search === "" ? "" : `?${search}`}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.#token()}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWERED_MS),
    });
    return { status: answer.status, headers: answer.headers, body: jsonOf(await answer.text()) };
  }
}

function ownToken(): Token {
  const auth = new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" });
  return async () => {
    const token = await auth.getAccessToken();
    if (typeof token !== "string" || token === "") throw new Error("Google gives no token: `gcloud auth login` first");
    return token;
  };
}

function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

/** What `fetch` throws when there is no answer. */
function isBroken(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === "TimeoutError");
}

function saidIn(body: unknown): string {
  const { error } = Object(body) as { readonly error?: { readonly message?: unknown } };
  return typeof error?.message === "string" ? error.message : "nothing of why";
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
