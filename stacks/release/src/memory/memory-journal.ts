import { type Journal, Overtaken, type Page } from "../journal.js";

/** A journal that ends with its process. */
export class MemoryJournal implements Journal {
  readonly #pages = new Map<string, Page>();

  async read(stack: string): Promise<Page> {
    return this.#pages.get(stack) ?? { entries: [], revision: null };
  }

  async write(stack: string, { entries, revision }: Page): Promise<string> {
    const known = this.#pages.get(stack)?.revision ?? null;
    if (known !== revision) throw new Overtaken(stack);
    const next = String(Number(known ?? 0) + 1);
    this.#pages.set(stack, { entries: structuredClone(entries), revision: next });
    return next;
  }
}
