import { CreateSchedule, IntlZoneRules, InvalidInput, Recurrence, Unavailable } from "@punctual/core";
import { SequentialIds } from "@punctual/core/memory";
import { PostgresUnitOfWork, makePool } from "@punctual/adapter-postgres";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { SystemClock, SystemRng } from "@punctual/adapter-local";
import { Dice } from "./dice.js";
import type { Span } from "./evidence.js";
import { TIMES } from "./orders.js";
import { PlainSender } from "./plain-sender.js";

const CLOSE_MS = 2_000;

export const TENANT = "main";

/** The same rules, in a process that nobody kills. */
export const recurrence = new Recurrence(new IntlZoneRules({ version: process.versions.tz ?? "unknown" }));

export interface WorkloadOptions {
  readonly url: string;
  readonly receiver: string;
  readonly seed: number;
  /** In a wave. */
  readonly schedules: number;
  readonly seconds: number;
}

/** Makes schedules, a wave at a time, whose events come due within some seconds. */
export class Workload {
  readonly acknowledged: string[] = [];
  readonly refused: Span[] = [];
  readonly #options: WorkloadOptions;
  readonly #pool;
  readonly #create: CreateSchedule;
  #waves = 0;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    const config = { ...POSTGRES_DEFAULTS, url: options.url, poolSize: 2, applicationName: "crash" };
    this.#pool = makePool(config);
    const unitOfWork = new PostgresUnitOfWork({
      pool: this.#pool,
      clock: new SystemClock(),
      rng: new SystemRng(),
      config,
    });
    const senders = new Map([["http", new PlainSender(0)]]);
    this.#create = new CreateSchedule({ unitOfWork, recurrence, ids: new SequentialIds(), senders });
  }

  async wave(): Promise<void> {
    const { seed, schedules, seconds } = this.#options;
    const dice = new Dice(seed, "wave", ++this.#waves);
    for (let number = 1; number <= schedules; number++) {
      const input = this.#draw(dice, `${this.#waves}.${number}`, seconds);
      const from = Date.now();
      try {
        const { schedule } = await this.#create.run({ tenant: TENANT, input });
        this.acknowledged.push(schedule.id);
      } catch (error) {
        // It took so long that the moment is past.
        if (error instanceof InvalidInput && error.problems.some(({ code }) => code === "in_the_past")) continue;
        if (!(error instanceof Unavailable)) throw error;
        // Whether this one is there is seen at the end.
        this.refused.push({ from, to: Date.now() });
      }
    }
  }

  async close(): Promise<void> {
    // One of whose connections nobody gave back would never end; that creations were refused has told of it.
    await Promise.race([this.#pool.end(), new SystemClock().sleep(CLOSE_MS)]);
  }

  #draw(dice: Dice, name: string, seconds: number): Record<string, unknown> {
    const { receiver } = this.#options;
    const [quick, slow] = TIMES.timeoutsMs;
    return {
      type: "crash.test",
      payload: { name, text: "x".repeat(dice.between(0, 200)) },
      ...drawTiming(dice, Date.now(), seconds),
      destination: { url: receiver, timeoutMs: dice.chance(0.75) ? quick : slow },
      catchUp: dice.pick(["all", "all", "all", "latest", "none"]),
      ifRunning: dice.pick(["start", "start", "start", "wait", "skip"]),
      ...(dice.chance(0.1) && { lateness: { max: "PT8S", then: "skip" } }),
      retry: { maxAttempts: dice.chance(0.1) ? 3 : 200, initial: "PT1S", cap: "PT1S" },
    };
  }
}

function drawTiming(dice: Dice, now: number, seconds: number): Record<string, unknown> {
  const from = new Date(Math.floor(now / 1_000) * 1_000 + dice.between(2, 3) * 1_000);
  const instant = (plusMs: number) => `${new Date(from.getTime() + plusMs).toISOString().slice(0, 19)}Z`;
  const step = dice.between(1, 2);
  const bounds = () => (dice.chance(0.5) ? { count: Math.ceil(seconds / step) } : { until: instant(seconds * 1_000) });
  const spread = dice.chance(0.2) ? { spread: "PT1S" } : {};
  switch (dice.weighted({ every: 3, cron: 2, rrule: 2, once: 4 })) {
    case "every":
      return { timeZone: "Etc/UTC", when: { every: `PT${step}S`, start: instant(0) }, ...bounds(), ...spread };
    case "cron": {
      const timeZone = dice.pick(["Europe/Berlin", "America/New_York", "Asia/Kolkata"]);
      return { timeZone, when: { cron: step === 1 ? "* * * * * *" : "*/2 * * * * *" }, from: instant(0), ...bounds() };
    }
    case "rrule": {
      const when = { rrule: `FREQ=SECONDLY;INTERVAL=${step}`, start: instant(0).slice(0, -1) };
      return { timeZone: "Etc/UTC", when, ...bounds(), ...spread };
    }
    case "once":
      return { timeZone: "Etc/UTC", when: { at: instant(dice.between(0, seconds) * 1_000) } };
  }
}
