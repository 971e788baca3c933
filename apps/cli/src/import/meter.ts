const NEWLINE = 0x0a;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Counts what passes through, and takes the mark off that some editors write before a text. */
export class Meter {
  bytes = 0;
  /** Whether it waits for more to come, and not for somebody to take what there is. */
  hungry = false;
  #newlines = 0;
  #open = false;

  /** How many lines have passed, the last one with or without an end. */
  get lines(): number {
    return this.#newlines + (this.#open ? 1 : 0);
  }

  async *through(chunks: AsyncIterable<Buffer>, passed: () => void): AsyncGenerator<Buffer> {
    let head: Buffer | null = Buffer.alloc(0);
    this.hungry = true;
    for await (const chunk of chunks) {
      let rest = chunk;
      if (head !== null) {
        rest = Buffer.concat([head, chunk]);
        head = rest.length < MARK.length ? rest : null;
        if (head !== null) continue;
        if (rest.subarray(0, MARK.length).equals(MARK)) {
          this.bytes += MARK.length;
          rest = rest.subarray(MARK.length);
        }
      }
      this.hungry = false;
      yield this.#count(rest);
      passed();
      this.hungry = true;
    }
    this.hungry = false;
    if (head !== null && head.length > 0) yield this.#count(head);
  }

  #count(chunk: Buffer): Buffer {
    this.bytes += chunk.length;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) this.#newlines++;
    if (chunk.length > 0) this.#open = chunk.at(-1) !== NEWLINE;
    return chunk;
  }
}
