import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The module of a package, a path or a `file:` URL, as a program in the folder `from` sees it; or what `bad` makes of why not. */
export async function importOr(
  specifier: string,
  from: string,
  bad: (problem: string, options: ErrorOptions) => Error,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(addressOf(specifier, from))) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { code, message = String(error) } = Object(error) as Partial<NodeJS.ErrnoException>;
    const why =
      code === "ERR_MODULE_NOT_FOUND" ? "its module, or one that it imports, is not there" : "its module fails";
    throw bad(`${why} (${message})`, { cause: error });
  }
}

export function isPath(specifier: string): boolean {
  return /^(?:\.{0,2}[/\\]|[a-z]:[/\\]|file:)/i.test(specifier);
}

function addressOf(specifier: string, from: string): string {
  if (specifier.startsWith("file:")) return specifier;
  if (isPath(specifier)) return pathToFileURL(resolve(from, specifier)).href;
  try {
    return pathToFileURL(createRequire(join(from, "_")).resolve(specifier)).href;
  } catch {
    return specifier; // for `import` alone, or known to this package and not to the folder
  }
}
