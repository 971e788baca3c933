/** JSON that stands in a reply as the very text it came as. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What is answered to a request. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written as JSON; left out, there is no body. */
  readonly body?: unknown;
  /** In place of `body`: written line by line, as fast as they are taken. */
  readonly lines?: AsyncIterable<unknown>;
  /** In place of `body`: server-sent events, made as they are taken. */
  readonly messages?: AsyncIterable<string>;
  /** When aborted, the connection is cut, whatever is still to be sent. */
  readonly cut?: AbortSignal;
  /** In place of `body`: as it is. */
  readonly file?: FileReply;
}

export interface FileReply {
  readonly type: string;
  readonly bytes: Buffer;
}

export function toJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${Array.from(value, (one: unknown) => toJson(one ?? null)).join(",")}]`;
  if (!isPlain(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${toJson(one)}`).join(",")}}`;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !("toJSON" in value && typeof value.toJSON === "function");
}
