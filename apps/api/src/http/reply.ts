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
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${Array.from(value, (one: unknown) => toJson(one ?? null)).join(",")}]`;
  if (!isPlain(value)) return JSON.stringify(value);
  let text = "";
  for (const name of Object.keys(value)) {
    const one = value[name];
    if (one !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(name)}:${toJson(one)}`;
  }
  return `{${text}}`;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  return !("toJSON" in value && typeof value.toJSON === "function");
}
