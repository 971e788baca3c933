import Mocha from "mocha";

/**
 * Builds a suite beside the one that is running, runs it, and answers the full titles of what failed, hooks included.
 * While `build` runs, which must not wait for anything, the global `describe` and its kin belong to the inner suite.
 */
export async function failuresOf(build: () => void): Promise<string[]> {
  const mocha = new Mocha({ reporter: Mocha.reporters.Base, timeout: 5_000 });
  const inner = {} as Mocha.MochaGlobals;
  mocha.suite.emit("pre-require", inner, "", mocha);
  const { describe, it, before, after, beforeEach, afterEach } = globalThis;
  try {
    Object.assign(globalThis, inner);
    build();
  } finally {
    Object.assign(globalThis, { describe, it, before, after, beforeEach, afterEach });
  }
  if (mocha.suite.total() === 0) throw new Error("The suite has no cases");
  const failed: string[] = [];
  await new Promise<void>((resolve) => {
    mocha.run(() => resolve()).on("fail", (test) => failed.push(test.fullTitle()));
  });
  mocha.dispose();
  return failed;
}

/** The promises that titles name: `["E2", "I1"]` for `… a claim begins once (I1, E2)`, `["T3"]` for `T3.2 offers …`. */
export function promisesIn(titles: readonly string[]): string[] {
  const named = titles.flatMap((title) => {
    const [, promises = /\b([A-Z]\d+)\.\d+ /.exec(title)?.[1]] = /\(([A-Z]\d+(?:, [A-Z]\d+)*)\)/.exec(title) ?? [];
    return promises?.split(", ") ?? [];
  });
  return [...new Set(named)].sort();
}
