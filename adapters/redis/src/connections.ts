import type { Clock } from "@punctual/adapter-sdk";
import { type Asking, Connection, type Place } from "./connection.js";
import { codeOf } from "./errors.js";
import type { Script } from "./scripts.js";

export interface Where {
  readonly url: string;
  readonly ca?: string | null;
}

/** One connection for all that is answered at once, and another for each command that waits: it would keep all others waiting. */
export class Connections {
  readonly #open: () => Connection;
  readonly #prompt: Connection;
  readonly #idle: Connection[] = [];
  readonly #all: Connection[] = [];

  constructor({ url, ca = null }: Where, clock: Clock) {
    const place: Place = { url, ca, node: null };
    this.#open = () => {
      const connection = new Connection(place, clock);
      this.#all.push(connection);
      return connection;
    };
    this.#prompt = this.#open();
  }

  async ask(command: readonly string[], asking?: Asking): Promise<unknown> {
    return this.#prompt.ask(command, asking);
  }

  async run(
    { sha, text }: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    asking?: Asking,
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args.map(String)];
    try {
      return await this.ask(["EVALSHA", sha, ...rest], asking);
    } catch (error) {
      if (codeOf(error) !== "NOSCRIPT") throw error;
    }
    return this.ask(["EVAL", text, ...rest], asking);
  }

  async waitFor(command: readonly string[], waitMs: number): Promise<unknown> {
    const connection = this.#idle.pop() ?? this.#open();
    try {
      return await connection.ask(command, { waitMs });
    } finally {
      this.#idle.push(connection);
    }
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }
}
