import { expect } from "chai";
import { describeSecrets } from "../../src/conformance/secrets.suite.js";
import { Unavailable } from "../../src/errors.js";
import type { MemoryClock } from "../../src/memory/clock.js";
import type { MemoryKeeper, MemorySecrets } from "../../src/memory/secrets.js";
import { SecretNotFound, type Secrets } from "../../src/ports/secrets.js";
import { secretsHarness } from "../support/memory-harnesses.js";
import { failuresOf, promisesIn } from "./run-suite.js";

describe("the conformance suite of Secrets", () => {
  type Read = Secrets["read"];
  type Wrong = (right: Read, keeper: MemoryKeeper, clock: MemoryClock) => Read;
  const failing =
    (instead: (error: unknown, name: string) => string): Wrong =>
    (right) =>
    (name, options) =>
      right(name, options).catch((error: unknown) => instead(error, name));
  const rethrow = (error: unknown): never => {
    throw error;
  };
  const lastRead = new Map<string, string>();

  const wrongs: readonly (readonly [wrong: string, promise: string, Wrong])[] = [
    ["trims what it reads", "S1", (right) => async (name, options) => (await right(name, options)).trim()],
    [
      "reads Latin letters",
      "S1",
      (right) => async (name, options) => (await right(name, options)).replaceAll(/[^\0-\xff]/g, "?"),
    ],
    ["reads 4 KB", "S1", (right) => async (name, options) => (await right(name, options)).slice(0, 4_096)],
    ["does not tell capitals apart", "S1", (right) => (name, options) => right(name.toLowerCase(), options)],
    [
      "asks once for all names",
      "S1",
      (right) => {
        let asking: Promise<string> | null = null;
        return (name, options) => (asking ??= right(name, options).finally(() => (asking = null)));
      },
    ],
    ["keeps a value for good", "S2", keeping((known, _fresh) => known)],
    ["keeps a value though it is told that it is no good", "S2", (right) => (name) => right(name)],
    [
      "forgets what it asked for anew",
      "S2",
      (right, keeper) => (name, options) => (options?.fresh ? keeper.ask(name) : right(name)),
    ],
    [
      "counts the age of a value from when it was last used",
      "S2",
      (_right, keeper, clock) => {
        const known = new Map<string, { readonly value: string; usedAt: number }>();
        return async (name, { fresh = false } = {}) => {
          const old = known.get(name);
          const young = !fresh && old !== undefined && clock.monotonic() < old.usedAt + 60_000;
          const value = young ? old.value : await keeper.ask(name);
          known.set(name, { value, usedAt: clock.monotonic() });
          return value;
        };
      },
    ],
    [
      "answers with nothing where there is nothing",
      "S3",
      failing((error) => (error instanceof Unavailable ? rethrow(error) : "")),
    ],
    [
      "takes what is not there for away",
      "S3",
      failing((error) => {
        throw new Unavailable("away", { cause: error });
      }),
    ],
    [
      "takes what is away for not there",
      "S3",
      failing((_, name) => {
        throw new SecretNotFound(name);
      }),
    ],
    [
      "takes what is away for a bug",
      "S3",
      failing((error) => {
        throw error instanceof Unavailable ? new TypeError("fetch failed") : error;
      }),
    ],
    [
      "remembers that something was not there",
      "S3",
      (right) => {
        const missing = new Set<string>();
        return async (name, options) => {
          if (missing.has(name)) throw new SecretNotFound(name);
          return right(name, options).catch((error: unknown) => {
            if (error instanceof SecretNotFound) missing.add(name);
            throw error;
          });
        };
      },
    ],
    [
      "uses what was removed",
      "S3",
      (right) => async (name, options) => {
        try {
          const value = await right(name, options);
          lastRead.set(name, value);
          return value;
        } catch (error) {
          const last = error instanceof SecretNotFound ? lastRead.get(name) : undefined;
          if (last === undefined) throw error;
          return last;
        }
      },
    ],
    ["does without a keeper for good", "S3", keeping((known, fresh, away) => (away && !fresh ? known : undefined))],
    ["does not do without a keeper", "S3", (_right, keeper) => (name) => keeper.ask(name)],
    [
      "gives what is no good where the keeper is away",
      "S3",
      (right) => (name, options) => right(name, options).catch(() => right(name)),
    ],
    [
      "tells what it knows in its errors",
      "S3",
      (right) => (name, options) =>
        right(name, options).catch(async (cause: unknown) => {
          const known = await right(name);
          throw new Unavailable(`No other than ${known}`, { cause });
        }),
    ],
    ["asks each time", "S4", (right) => (name) => right(name, { fresh: true })],
    ["asks for everybody", "S4", (_right, keeper) => (name) => keeper.ask(name)],
    [
      "asks anew for everybody",
      "S4",
      (right, keeper) => async (name, options) => {
        if (options?.fresh) await keeper.ask(name);
        return right(name, options);
      },
    ],
    [
      "gives those who ask together what it had once",
      "S4",
      (right) => {
        let asked: Promise<string> | null = null;
        return (name, options) => (options?.fresh ? (asked ??= right(name, options)) : right(name, options));
      },
    ],
  ];

  for (const [title, promise, wrong] of wrongs) {
    it(`catches one that ${title} (${promise})`, async () => {
      lastRead.clear();
      const wrap = (right: MemorySecrets, keeper: MemoryKeeper, clock: MemoryClock): Secrets => ({
        read: wrong((name, options) => right.read(name, options), keeper, clock),
      });
      const failures = await failuresOf(() => describeSecrets("Wrong", secretsHarness(wrap)));
      expect(promisesIn(failures)).to.include(promise);
    });
  }

  /** Remembers each value for good, and uses it where `use` says so. */
  function keeping(use: (known: string | undefined, fresh: boolean, away: boolean) => string | undefined): Wrong {
    return (right, keeper) => {
      const known = new Map<string, string>();
      return async (name, options) => {
        const value = use(known.get(name), options?.fresh ?? false, keeper.away) ?? (await right(name, options));
        known.set(name, value);
        return value;
      };
    };
  }
});
