import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** A checkout with as much as building functions needs: scripts, the core, these entries, and the packages of this checkout. */
export async function checkout(home, entries) {
  await mkdir(join(home, "node_modules/@punctual"), { recursive: true });
  for (const one of ["scripts/build-lambda.mjs", "scripts/build-artifacts.mjs", "core/package.json", "core/src"]) {
    await cp(join(root, one), join(home, one), { recursive: true });
  }
  for (const one of await readdir(join(root, "node_modules"))) {
    if (one !== "@punctual") await symlink(join(root, "node_modules", one), join(home, "node_modules", one));
  }
  await symlink(join(home, "core"), join(home, "node_modules/@punctual/core"));
  const { entries: sources } = placesIn(home);
  await mkdir(sources, { recursive: true });
  for (const [file, text] of Object.entries(entries)) await writeFile(join(sources, file), text);
  return home;
}

export const placesIn = (home) => ({ entries: join(home, "apps/functions/src/aws/entries"), out: join(home, "out") });
