import type { Clock } from "@punctual/core";
import type { EmbeddedServer } from "@punctual/adapter-postgres/server";
import pg from "pg";
import type { Dice } from "./dice.js";
import type { Blow } from "./evidence.js";
import type { Fleet, Victim } from "./fleet.js";
import { TIMES } from "./orders.js";
import type { Receiver } from "./receiver.js";

export type Deed = Blow | "stop" | "cut connections" | "SIGTERM" | "crash the server";

export type Weights = Readonly<Record<Exclude<Deed, "kill alone" | "crash the server">, number>>;

export const WEIGHTS: Weights = { kill: 2, "kill under a request": 2, stop: 3, "cut connections": 3, SIGTERM: 2 };

export interface NemesisOptions {
  readonly dice: Dice;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly receiver: Receiver;
  readonly server: EmbeddedServer;
  readonly url: string;
  readonly weights: Weights;
  /** After how many kills it stops. */
  readonly kills: number;
  /** How often on the way the server crashes. */
  readonly crashes: number;
  readonly pauseMs: readonly [number, number];
  /** For how long a process is stopped. */
  readonly stopMs: readonly [number, number];
}

/** Does harm from outside, beside what the victims do to themselves. */
export class Nemesis {
  readonly deeds: Partial<Record<Deed, number>> = {};
  readonly downs: { from: number; to: number }[] = [];
  readonly cuts: { at: number; victim: number }[] = [];
  readonly #options: NemesisOptions;
  readonly #stopped = new Set<Promise<void>>();

  constructor(options: NemesisOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { dice, clock, fleet, kills, crashes, weights, pauseMs } = this.#options;
    const over = () => signal.aborted || fleet.isBroken || fleet.kills >= kills;
    while (!over()) {
      await clock.sleep(dice.between(...pauseMs), signal);
      if (over()) break;
      if (this.downs.length < crashes && fleet.kills >= (kills * (this.downs.length + 1)) / (crashes + 1)) {
        await this.#crash();
      }
      await this.#act(dice.weighted(weights));
    }
    await Promise.all(this.#stopped);
  }

  /** One kill at a time, of those who would live on, and each time long enough for others to take over. */
  async single(rounds: number, signal: AbortSignal): Promise<void> {
    const { dice, clock, fleet } = this.#options;
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      await clock.sleep(TIMES.leaseMs + 4 * TIMES.pollMs, signal);
      const ready = [...fleet.victims.values()].filter((one) => one.isReady);
      if (ready.length > 0 && dice.pick(ready).kill("kill alone")) this.#count("kill alone");
    }
    await clock.sleep(TIMES.leaseMs + 4 * TIMES.pollMs, signal);
  }

  async #act(deed: keyof Weights): Promise<void> {
    const { dice, fleet, receiver } = this.#options;
    const ready = [...fleet.victims.values()].filter((one) => one.isReady && !one.isStopped);
    if (ready.length === 0) return;
    const victim = dice.pick(ready);
    switch (deed) {
      case "kill":
        if (victim.kill("kill")) this.#count(deed);
        return;
      case "kill under a request":
        receiver.killNext = (number) => {
          const killed = fleet.victims.get(number)?.kill("kill under a request") === true;
          if (killed) this.#count(deed);
          return killed;
        };
        return;
      case "stop": {
        this.#count(deed);
        const zombie: Promise<void> = this.#stop(victim).finally(() => this.#stopped.delete(zombie));
        this.#stopped.add(zombie);
        return;
      }
      case "cut connections":
        await this.#cut();
        return;
      case "SIGTERM":
        victim.terminate();
        this.#count(deed);
    }
  }

  /** If for longer than a lease, what it held is another's when it goes on. */
  async #stop(victim: Victim): Promise<void> {
    const { dice, clock, stopMs } = this.#options;
    victim.stop();
    await clock.sleep(dice.between(...stopMs));
    victim.resume();
  }

  async #cut(): Promise<void> {
    const { dice, url } = this.#options;
    try {
      const cut = await withAdmin(url, async (admin) => {
        const { rows: backends } = await admin.query<{ pid: number; name: string }>(
          "select pid, application_name as name from pg_stat_activity where application_name like 'victim-%' order by pid",
        );
        const chosen = Array.from({ length: Math.min(backends.length, dice.between(1, 3)) }, () => dice.pick(backends));
        await admin.query("select pg_terminate_backend(pid) from unnest($1::int[]) pid", [
          chosen.map(({ pid }) => pid),
        ]);
        return chosen;
      });
      const at = Date.now();
      for (const { name } of cut) this.cuts.push({ at, victim: Number(name.replace("victim-", "")) });
      if (cut.length > 0) this.#count("cut connections");
    } catch {
      // No connection to be had just now: the victims have the same trouble.
    }
  }

  async #crash(): Promise<void> {
    const down = { from: Date.now(), to: Infinity };
    this.downs.push(down);
    await this.#options.server.restart("crash");
    // Who had been thrown out comes back one after the other.
    down.to = Date.now() + COME_BACK_MS;
    this.#count("crash the server");
  }

  #count(deed: Deed): void {
    this.deeds[deed] = (this.deeds[deed] ?? 0) + 1;
  }
}

/** The first pause of a scheduler in trouble, and some. */
const COME_BACK_MS = 2_000;

/** A connection for one piece of work; one that breaks meanwhile rejects that, and no more. */
export async function withAdmin<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url, application_name: "crash", connectionTimeoutMillis: 3_000 });
  admin.on("error", () => undefined);
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.end().catch(() => undefined);
  }
}
