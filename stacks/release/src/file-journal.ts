import { link, mkdir, open, readdir, readFile, rm, truncate } from "node:fs/promises";
import path from "node:path";
import { randomUUID } from "node:crypto";
import { type Entry, type Journal, Overtaken, type Page } from "./journal.js";

/** Pages that keep what they say, for whoever wants to see how it came. */
const KEPT = 20;

/**
 * A journal in a folder of one machine, a file for each page: `aws-dev.7.json`. The name of a page is taken by a link, which
 * one writer alone can make (J3) and which is there with all that it says, or not at all.
 */
export class FileJournal implements Journal {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(stack: string): Promise<Page> {
    for (;;) {
      const last = (await this.#numbersOf(stack)).at(-1);
      if (last === undefined) return { entries: [], revision: null };
      const text = await readFile(this.#fileOf(stack, last), "utf8");
      // One that was emptied meanwhile has many after it.
      if (text !== "") return { entries: JSON.parse(text) as readonly Entry[], revision: String(last) };
    }
  }

  async write(stack: string, { entries, revision }: Page): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    if ((await this.read(stack)).revision !== revision) throw new Overtaken(stack);
    const next = Number(revision ?? 0) + 1;
    const draft = path.join(this.#folder, `.${stack}.${randomUUID()}`);
    try {
      await writeThrough(draft, `${JSON.stringify(entries, null, 2)}\n`);
      await link(draft, this.#fileOf(stack, next)).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "EEXIST" ? new Overtaken(stack) : error;
      });
    } finally {
      await rm(draft, { force: true });
    }
    await syncFolder(this.#folder);
    // The name stays taken: whoever has slept meanwhile would write a page that nobody reads.
    const old = (await this.#numbersOf(stack)).at(-1 - KEPT);
    if (old !== undefined) await truncate(this.#fileOf(stack, old));
    return String(next);
  }

  async #numbersOf(stack: string): Promise<readonly number[]> {
    const names = await readdir(this.#folder).catch(unlessGone);
    return (names ?? [])
      .filter((name) => name.startsWith(`${stack}.`))
      .flatMap((name) => /^\.(\d+)\.json$/.exec(name.slice(stack.length))?.[1] ?? [])
      .map(Number)
      .toSorted((a, b) => a - b);
  }

  #fileOf(stack: string, number: number): string {
    return path.join(this.#folder, `${stack}.${String(number)}.json`);
  }
}

async function writeThrough(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The name of a file outlives the machine only when its folder is written, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unlessGone(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
