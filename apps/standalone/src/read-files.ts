import { readFile } from "node:fs/promises";
import { BadConfig } from "./config.js";

const SUFFIX = "_FILE";

/** Where `X_FILE` names a file, `X` is what stands in it: so orchestrators hand over secrets. */
export async function withFiles(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Readonly<Record<string, string | undefined>>> {
  const read: Record<string, string | undefined> = { ...env };
  for (const [name, path] of Object.entries(env)) {
    if (!name.startsWith("PUNCTUAL_") || !name.endsWith(SUFFIX) || path === undefined || path === "") continue;
    const of = name.slice(0, -SUFFIX.length);
    if ((env[of] ?? "") !== "") throw new BadConfig(`${of} and ${name} are both set`);
    try {
      read[of] = (await readFile(path, "utf8")).trim();
    } catch (error) {
      throw new BadConfig(`${name}: the file cannot be read (${codeOf(error)})`, { cause: error });
    }
    read[name] = undefined;
  }
  return read;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
