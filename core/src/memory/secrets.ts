import { Unavailable } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import { SecretNotFound, type Secrets, type SecretsOptions } from "../ports/secrets.js";
import { RecentSecrets } from "../secrets/recent-secrets.js";

/** Whoever keeps secrets in memory: what they are, whether they can be asked, and how often they were. */
export class MemoryKeeper {
  readonly #values = new Map<string, string>();
  away = false;
  asked = 0;

  put(name: string, value: string): void {
    this.#values.set(name, value);
  }

  remove(name: string): void {
    this.#values.delete(name);
  }

  async ask(name: string): Promise<string> {
    this.asked++;
    if (this.away) throw new Unavailable("Whoever keeps the secrets is away");
    const value = this.#values.get(name);
    if (value === undefined) throw new SecretNotFound(name);
    return value;
  }
}

const DEFAULTS: SecretsOptions = { maxAgeMs: 60_000, graceMs: 600_000 };

/** Secrets of one process, from a keeper in memory. Those with one keeper are processes that use the same secrets. */
export class MemorySecrets implements Secrets {
  readonly #recent: RecentSecrets;

  constructor(clock: Pick<Clock, "monotonic">, keeper = new MemoryKeeper(), options = DEFAULTS) {
    this.#recent = new RecentSecrets((name) => keeper.ask(name), clock, options);
  }

  read(name: string, options?: { readonly fresh?: boolean }): Promise<string> {
    return this.#recent.read(name, options);
  }
}
