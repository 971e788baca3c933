/** A map that holds so many at most, and forgets what was asked for longest ago. */
export class Recent<V extends object> {
  readonly #most: number;
  readonly #kept = new Map<string, V>();

  constructor(most: number) {
    this.#most = most;
  }

  /** What is kept under the name, or else what `make` gives, which is kept from then on. */
  get(name: string, make: (name: string) => V): V {
    const value = this.#kept.get(name) ?? make(name);
    this.#kept.delete(name); // what was asked for last stands last
    this.#kept.set(name, value);
    if (this.#kept.size > this.#most) {
      const [oldest = ""] = this.#kept.keys();
      this.#kept.delete(oldest);
    }
    return value;
  }

  /** Forgets this value, and no other that took its place. */
  drop(name: string, value: V): void {
    if (this.#kept.get(name) === value) this.#kept.delete(name);
  }
}
