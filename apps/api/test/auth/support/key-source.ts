import type { Fetch } from "../../../src/index.js";

/** Stands for the server of an issuer: it answers as it is told, and knows what it was asked. */
export class KeySource {
  readonly asked: string[] = [];
  answer: (signal: AbortSignal | null | undefined) => Response | Promise<Response>;

  constructor(keys: readonly unknown[] = []) {
    this.answer = () => Response.json({ keys });
  }

  publish(...keys: readonly unknown[]): void {
    this.answer = () => Response.json({ keys });
  }

  goAway(): void {
    this.answer = () => Promise.reject(new Error("away"));
  }

  readonly fetch: Fetch = async (url, init) => {
    this.asked.push(url.href);
    return this.answer(init.signal);
  };
}
