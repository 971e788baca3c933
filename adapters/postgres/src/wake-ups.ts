import { type Clock, NO_TELEMETRY, type Rng, type Telemetry, type WakeUps } from "@punctual/core";
import pg from "pg";
import type { PostgresConfig } from "./config.js";
import { addressOf } from "./pool.js";
import { translated } from "./errors.js";

export const WAKE_CHANNEL = "punctual_wake";

export interface WakeUpsDeps {
  readonly config: Pick<PostgresConfig, "url" | "listenUrl" | "password" | "connectTimeoutMs" | "applicationName">;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly telemetry?: Telemetry;
}

const GOODBYE_MS = 1_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
/** Who asks nothing for long is cut off by some: RDS Proxy, for one, waits for half an hour. */
const ASKS_EVERY_MS = 300_000;

/**
 * Hints by NOTIFY, heard on a connection of its own, which must lead to the server itself and not to a pooler. While it is
 * broken there are no hints; when it is there again everyone is woken, since some may have been missed.
 */
export class PostgresWakeUps implements WakeUps {
  readonly #deps: WakeUpsDeps;
  readonly #closed = new AbortController();
  readonly #waiting = new Set<() => void>();
  #listening: Promise<void> | undefined;

  constructor(deps: WakeUpsDeps) {
    this.#deps = deps;
  }

  async next(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closed.signal.aborted) return;
    this.#listening ??= this.#listen();
    const { promise: hinted, resolve } = Promise.withResolvers<void>();
    const hint = () => resolve();
    this.#waiting.add(hint);
    signal.addEventListener("abort", hint, { once: true });
    await hinted;
    signal.removeEventListener("abort", hint);
    this.#waiting.delete(hint);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#wake();
    await this.#listening;
  }

  #wake(): void {
    for (const hint of this.#waiting) hint();
  }

  /** Listens until it is closed, connecting again and again. */
  async #listen(): Promise<void> {
    const { clock, rng, telemetry = NO_TELEMETRY } = this.#deps;
    const { signal } = this.#closed;
    let troubles = 0;
    while (!signal.aborted) {
      try {
        await this.#connected(signal, () => (troubles = 0));
      } catch (error) {
        telemetry.note({ kind: "trouble", where: "wake-ups", error: translated(error) });
        const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(troubles++, 10));
        await clock.sleep(ceiling * (0.5 + rng.next() / 2), signal);
      }
    }
  }

  /** Throws where nobody answers any more, though the connection does not say that it broke. */
  async #keepAsking(client: pg.Client, ended: AbortSignal): Promise<void> {
    for (;;) {
      await this.#deps.clock.sleep(ASKS_EVERY_MS, ended);
      if (ended.aborted) return;
      await client.query("select 1");
    }
  }

  /** Returns when it is closed, throws when the connection breaks. */
  async #connected(signal: AbortSignal, onListening: () => void): Promise<void> {
    const { url, listenUrl = url, password, connectTimeoutMs, applicationName } = this.#deps.config;
    const client = new pg.Client({
      ...addressOf({ url: listenUrl, ...(password !== undefined && { password }) }),
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: connectTimeoutMs,
      keepAlive: true,
      application_name: applicationName,
    });
    const { promise: over, resolve: close, reject: fail } = Promise.withResolvers<void>();
    client.on("error", fail);
    client.on("end", () => fail(new Error("Connection terminated")));
    client.on("notification", () => this.#wake());
    const ended = new AbortController();
    signal.addEventListener("abort", () => close(), { once: true });
    try {
      await Promise.race([client.connect().then(async () => client.query(`listen ${WAKE_CHANNEL}`)), over]);
      onListening();
      this.#wake();
      this.#keepAsking(client, ended.signal).catch(fail);
      await over;
    } finally {
      ended.abort();
      over.catch(() => undefined); // what the end below makes of it
      // Where the network is dark no goodbye comes back, and nobody waits for it.
      await Promise.race([client.end().catch(() => undefined), this.#deps.clock.sleep(GOODBYE_MS)]);
    }
  }
}
