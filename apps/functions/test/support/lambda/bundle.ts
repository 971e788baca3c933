import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Bundles as a build leaves them, made of a text each, below this folder and so below the packages of the checkout. */
export class Bundles {
  readonly #folders: string[] = [];

  async make(text: string): Promise<string> {
    const folder = await mkdtemp(join(import.meta.dirname, "bundle-"));
    this.#folders.push(folder);
    await writeFile(join(folder, "index.mjs"), text);
    return folder;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}
