import { get, type IncomingMessage } from "node:http";

export interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface FollowOptions {
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: string;
}

/** A client of the stream, as a browser is one, but that it may stop reading and does not come back by itself. */
export class Follower {
  readonly response: IncomingMessage;
  readonly messages: Message[] = [];
  readonly comments: string[] = [];
  /** Where a browser would go on. */
  lastId = "";
  retry: string | undefined;
  /** `end` in good order, `cut` otherwise. */
  readonly ended: Promise<"end" | "cut">;
  #rest = "";

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.ended = new Promise((resolve) => {
      response.on("error", () => undefined).on("close", () => resolve(response.complete ? "end" : "cut"));
    });
  }

  ids(): readonly unknown[] {
    return this.messages.map(({ data }) => data["id"]);
  }

  close(): void {
    this.response.destroy();
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) this.#read(block);
  }

  /** As the standard has it: an id without data is kept, and is no message. */
  #read(block: string): void {
    const lines = block.split("\n");
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    this.lastId = field("id") ?? this.lastId;
    this.retry = field("retry") ?? this.retry;
    if (lines.some((line) => line.startsWith(":"))) this.comments.push(block);
    const data = field("data");
    if (data === undefined) return;
    this.messages.push({ id: this.lastId, event: field("event") ?? "", data: JSON.parse(data) as Message["data"] });
  }
}

export async function follow(base: string, options: FollowOptions = {}): Promise<Follower> {
  const { query = {}, headers = {}, as = "admin:main:ada" } = options;
  const url = new URL("/v1/stream", base);
  for (const [name, values] of Object.entries(query)) {
    for (const one of [values].flat()) url.searchParams.append(name, one);
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers: { authorization: `Bearer ${as}`, ...headers }, agent: false }, resolve).on("error", reject);
  });
  return new Follower(response);
}
