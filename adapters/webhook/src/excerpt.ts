import { StringDecoder } from "node:string_decoder";

/** The beginning of a body. What comes after is counted, not kept. */
export class Excerpt {
  /** How much has come, kept or not. */
  bytes = 0;
  readonly #most: number;
  readonly #kept: Buffer[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(chunk: Buffer): void {
    const room = this.#most - this.bytes;
    this.bytes += chunk.length;
    // A copy, since a slice would keep the whole of what the socket had read.
    if (room > 0) this.#kept.push(Buffer.from(chunk.subarray(0, room)));
  }

  /** Null for nothing. A character that was cut in two is left out, and what is no UTF-8 becomes U+FFFD. */
  text(): string | null {
    if (this.bytes === 0) return null;
    const kept = this.#kept.length === 1 ? (this.#kept[0] as Buffer) : Buffer.concat(this.#kept);
    return this.bytes > this.#most ? new StringDecoder("utf8").write(kept) : kept.toString("utf8");
  }
}
