/** What was asked of an installation and did not hold, in words for whoever reads the report. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** What cannot be asked here, and why. */
export class NotAsked extends Error {
  override readonly name = "NotAsked";
}

export type Fields = Readonly<Record<string, unknown>>;

export interface Asked {
  readonly body?: unknown;
  /** In place of a body that is made JSON, with the type of its own. */
  readonly lines?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Shows no token, whoever we are. */
  readonly unknown?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty where the answer is no object in JSON. */
  readonly json: Fields;
}

export interface ApiOptions {
  readonly url: string;
  readonly token: string | undefined;
}

const ANSWER_MS = 30_000;

/** The API of one installation, asked as any user asks it. */
export class Api {
  readonly url: string;
  readonly #token: string | undefined;

  constructor({ url, token }: ApiOptions) {
    this.url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  get showsToken(): boolean {
    return this.#token !== undefined;
  }

  /** Any answer is one; to have none is not. */
  async ask(method: string, path: string, { body, lines, headers, unknown = false }: Asked = {}): Promise<Answer> {
    const text = lines?.join("\n") ?? (body === undefined ? undefined : JSON.stringify(body));
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        // Whoever is sent elsewhere would show the token there.
        redirect: "manual",
        signal: AbortSignal.timeout(ANSWER_MS),
        headers: {
          ...(text !== undefined && {
            "content-type": lines === undefined ? "application/json" : "application/x-ndjson",
          }),
          ...(this.#token !== undefined && !unknown && { authorization: `Bearer ${this.#token}` }),
          ...headers,
        },
        ...(text !== undefined && { body: text }),
      });
      const answered = await response.text();
      return { status: response.status, headers: response.headers, text: answered, json: fieldsIn(answered) };
    } catch (error) {
      throw new Broken(`${method} ${path} got no answer: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Answers only with this status. */
  async expect(status: number, method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const answer = await this.ask(method, path, asked);
    if (answer.status !== status)
      throw new Broken(`${method} ${path} answered ${toldOf(answer)}, not ${String(status)}`);
    return answer;
  }
}

/** As a refusal says it: its status, its code, and what is wrong with which field. */
export function toldOf({ status, json }: Answer): string {
  const { code, errors } = json;
  const entries = Array.isArray(errors) ? (errors as readonly Fields[]) : [];
  const wrong = entries.map((one) => `${String(one["pointer"])} ${String(one["code"])}`).join(", ");
  return [String(status), ...(typeof code === "string" ? [code] : []), ...(wrong === "" ? [] : [`(${wrong})`])].join(
    " ",
  );
}

export function fieldsIn(text: string): Fields {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? (json as Fields) : {};
  } catch {
    return {};
  }
}

export function itemsIn({ json }: Pick<Answer, "json">): readonly Fields[] {
  const { items } = json;
  return Array.isArray(items) ? (items as readonly Fields[]) : [];
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return error.name === "TimeoutError" ? `nothing within ${String(ANSWER_MS / 1_000)} s` : error.message;
}
