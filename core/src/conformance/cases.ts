/** One thing that an adapter is asked. It stands by itself: any cases may run side by side, each on what it opens. */
export interface Case {
  /** `T3.2` is the second of the promise T3. It is never given to another case. */
  readonly id: string;
  readonly promise: string;
  readonly title: string;
  /** What the adapter lacks for it; null where it lacks nothing. */
  readonly lack: string | null;
  /** Throws where the promise is broken. */
  run(): Promise<void>;
}

/** What registers tests: Mocha, Jest, Vitest and `node:test` have it all. */
export interface Runner {
  readonly describe: (title: string, register: () => void) => unknown;
  readonly it: Registers & { readonly skip: Registers };
}

type Registers = (title: string, run: () => Promise<void>, timeoutMs?: number) => unknown;

export interface Pace {
  /** How many cases run side by side. */
  readonly atOnce: number;
  /** What one case may take; left out, as much as the runner allows. */
  readonly timeoutMs?: number | undefined;
}

/** Registers a test for each case, and a skip that says why for each whose adapter lacks something. */
export function describeCases(title: string, cases: readonly Case[], { describe, it }: Runner, pace: Pace): void {
  const able = cases.filter(({ lack }) => lack === null);
  const ran = runAll(able, pace.atOnce);
  describe(title, () => {
    for (const one of cases) {
      const { id, lack } = one;
      if (lack !== null) it.skip(`${id} ${one.title} (skipped: ${lack})`, async () => undefined);
      else {
        const test = it(`${id} ${one.title}`, () => ran(one), pace.timeoutMs);
        if (pace.timeoutMs !== undefined) allow(test, pace.timeoutMs);
      }
    }
  });
}

/** Mocha is told how long a test may take by the test that it answers, others by the third argument. */
function allow(test: unknown, ms: number): void {
  const { timeout } = Object(test) as { readonly timeout?: unknown };
  if (typeof timeout === "function") (timeout as (this: unknown, ms: number) => void).call(test, ms);
}

/** Runs a case when it is asked for, or, where several may run at once, all of them from when the first is asked for. */
function runAll(cases: readonly Case[], atOnce: number): (one: Case) => Promise<void> {
  if (atOnce <= 1) return (one) => one.run();
  const outcomes = new Map(cases.map((one) => [one, Promise.withResolvers<void>()]));
  let started = false;
  const start = () => {
    started = true;
    const waiting = cases.values();
    const work = async () => {
      for (const one of waiting) {
        const running = one.run();
        outcomes.get(one)?.resolve(running);
        await running.catch(() => undefined); // told by its own test
      }
    };
    for (const { promise } of outcomes.values()) promise.catch(() => undefined);
    for (let worker = 0; worker < atOnce; worker++) void work();
  };
  return async (one) => {
    if (!started) start();
    await outcomes.get(one)?.promise;
  };
}
