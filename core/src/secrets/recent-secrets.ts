import { Unavailable } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import { SecretNotFound, type Secrets, type SecretsOptions } from "../ports/secrets.js";

/** Asks whoever keeps them. What is not there is `SecretNotFound`, who cannot be asked is `Unavailable`. */
export type AskForSecret = (name: string) => Promise<string>;

interface Known {
  readonly value: string;
  /** When it was asked for, in the clock's monotonic time: it may have been changed while the answer was on its way. */
  readonly askedAt: number;
}

/** Remembers what was read, so that whoever keeps it is asked seldom and may be away for a while. Adapters bring the asking. */
export class RecentSecrets implements Secrets {
  readonly #ask: AskForSecret;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #options: SecretsOptions;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<string>>();

  constructor(ask: AskForSecret, clock: Pick<Clock, "monotonic">, options: SecretsOptions) {
    this.#ask = ask;
    this.#clock = clock;
    this.#options = options;
  }

  async read(name: string, { fresh = false }: { readonly fresh?: boolean } = {}): Promise<string> {
    const { maxAgeMs, graceMs } = this.#options;
    const known = fresh ? null : this.#knownFor(name, maxAgeMs);
    if (known !== null) return known;
    try {
      return await this.#askOnce(name);
    } catch (error) {
      const meanwhile = fresh || !(error instanceof Unavailable) ? null : this.#knownFor(name, maxAgeMs + graceMs);
      if (meanwhile === null) throw error;
      return meanwhile;
    }
  }

  #knownFor(name: string, ms: number): string | null {
    const known = this.#known.get(name);
    return known !== undefined && this.#clock.monotonic() < known.askedAt + ms ? known.value : null;
  }

  /** Whoever asks while somebody else does waits for the same answer (S4). */
  #askOnce(name: string): Promise<string> {
    const under = this.#asking.get(name);
    if (under !== undefined) return under;
    const asking = this.#askNow(name).finally(() => this.#asking.delete(name));
    this.#asking.set(name, asking);
    return asking;
  }

  async #askNow(name: string): Promise<string> {
    const askedAt = this.#clock.monotonic();
    try {
      const value = await this.#ask(name);
      this.#known.set(name, { value, askedAt });
      return value;
    } catch (error) {
      if (error instanceof SecretNotFound) this.#known.delete(name); // it was removed, and is not used meanwhile (S3)
      throw error;
    }
  }
}
