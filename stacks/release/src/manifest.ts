import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { Artifacts } from "./world.js";

const MADE = z.object({ file: z.string(), sha256: z.string(), bytes: z.number() });
const MANIFEST = z.object({ commit: z.string(), functions: z.record(z.string(), MADE), image: MADE });

type Made = z.output<typeof MADE>;

/** What `npm run build:artifacts` has made, held against what its manifest says of it. */
export class Manifest implements Artifacts {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async objections(commit: string): Promise<readonly string[]> {
    const file = path.join(this.#folder, "artifacts.json");
    const text = await readFile(file, "utf8").catch(() => null);
    if (text === null) return [`${file} is not there: \`npm run build:artifacts\` makes it`];
    const { success, data, error } = MANIFEST.safeParse(jsonOf(text));
    if (!success) return [`${file} is no manifest: ${z.prettifyError(error)}`];
    const other = data.commit === commit ? [] : [`what was built is of ${data.commit}, and this is ${commit}`];
    const made = [...Object.values(data.functions), data.image];
    const wrong = await Promise.all(made.map(async (one) => this.#objectionTo(one)));
    return [...other, ...wrong.filter((one) => one !== undefined)];
  }

  async #objectionTo({ file, sha256, bytes }: Made): Promise<string | undefined> {
    const found = await readFile(path.join(this.#folder, file)).catch(() => null);
    if (found === null) return `${file} is not there`;
    if (found.length !== bytes) return `${file} has ${String(found.length)} bytes, and the manifest ${String(bytes)}`;
    const hash = createHash("sha256").update(found).digest("hex");
    return hash === sha256 ? undefined : `${file} has the hash ${hash}, and the manifest ${sha256}`;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
