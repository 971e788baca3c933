import type { Failpoint, Failpoints } from "../ports/failpoints.js";

/** Places that a test arms: each does what it was given, as often as it is passed. */
export class MemoryFailpoints implements Failpoints {
  readonly #armed = new Map<Failpoint, () => Promise<void> | void>();

  arm(place: Failpoint, act: () => Promise<void> | void): void {
    this.#armed.set(place, act);
  }

  disarm(place: Failpoint): void {
    this.#armed.delete(place);
  }

  at(place: Failpoint): Promise<void> | void {
    return this.#armed.get(place)?.();
  }
}
