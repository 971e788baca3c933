import { randomBytes } from "node:crypto";
import { SystemClock } from "@punctual/adapter-local";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { databaseOn } from "@punctual/adapter-postgres/server";
import { percentile, rounded } from "./figures.js";
import type { Options } from "./options.js";
import type { Arrival } from "./orders.js";
import type { Outcome } from "./outcome.js";
import { Balancer } from "./platform/balancer.js";
import { Instance, type InstanceOptions } from "./platform/instance.js";
import { ordersKept } from "./platform/orders-kept.js";
import { type Release, releaseBefore, releaseOf, thisRelease } from "./platform/release.js";
import { sentAgainOf } from "./platform/sent-again.js";
import { Traffic } from "./platform/traffic.js";
import { Records } from "./records.js";
import { onServer, receiverFor } from "./scene.js";

const APIS = 2;
const DRAIN_MS = 60_000;
const LEAD_MS = 5_000;
/** As in quiet times. */
const MOST_LATE_MS = 1_000;

/** The release before is replaced by this one process by process, and this one by that again, while callers call. */
export async function rolling(options: Options): Promise<Outcome> {
  const before = await releaseOf(options.from ?? (await releaseBefore()));
  try {
    const after = await thisRelease();
    return await onServer(async (server) => {
      const roll = new Roll(await databaseOn(server, "rolling"), options);
      return roll.run(before, after).finally(() => roll.close());
    });
  } finally {
    await before.remove();
  }
}

class Roll {
  readonly #clock = new SystemClock();
  readonly #balancer = new Balancer(this.#clock);
  readonly #records: Records;
  readonly #url: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #workers: number;
  readonly #perSecond: number;
  readonly #pauseMs: number;
  readonly #exitCodes: (number | null)[] = [];
  #running: readonly Instance[] = [];
  #killReceiver = () => {};

  constructor(url: string, { workers = 3, perSecond = 200, seconds = 5 }: Options) {
    this.#url = url;
    this.#env = {
      PUNCTUAL_DATABASE_URL: url,
      PUNCTUAL_SECRET_KEYS: randomBytes(32).toString("base64"),
    };
    this.#records = new Records(url, this.#clock);
    this.#workers = workers;
    this.#perSecond = perSecond;
    this.#pauseMs = seconds * 1_000;
  }

  async run(before: Release, after: Release): Promise<Outcome> {
    const receiver = receiverFor({}, this.#clock);
    this.#killReceiver = () => receiver.kill();
    await this.#start({ release: before, roles: "worker", env: { ...this.#env, PUNCTUAL_MIGRATE: "true" } });
    for (let left = this.#workers - 1; left > 0; left--)
      await this.#start({ release: before, roles: "worker", env: this.#env });
    for (let left = APIS; left > 0; left--) await this.#start({ release: before, roles: "api", env: this.#env });

    const stopping = new AbortController();
    const looking = this.#balancer.run(stopping.signal);
    const target = `http://127.0.0.1:${(await receiver.ready).ports[0]}/`;
    const options = { name: "order", perSecond: this.#perSecond, receiver: target, leadMs: LEAD_MS };
    const traffic = new Traffic(this.#balancer, this.#clock, options);
    const calling = new AbortController();
    const called = traffic.run(calling.signal);
    called.catch(() => calling.abort());

    await this.#clock.sleep(LEAD_MS + this.#pauseMs);
    const from = Date.now();
    const migrated = await migrateUp({ ...POSTGRES_DEFAULTS, url: this.#url });
    const migratedMs = Date.now() - from;
    await this.#clock.sleep(this.#pauseMs);
    await this.#replaceAll(after);
    const half = Date.now();
    await this.#replaceAll(before);
    const until = Date.now();
    calling.abort();
    await called;
    const open = await this.#records.drained(LEAD_MS + DRAIN_MS);
    stopping.abort();
    await looking;
    for (const instance of this.#running) await this.#end(instance);
    return this.#outcome({
      ...{ traffic, open, arrivals: await receiver.end() },
      figures: {
        ...{ from: before.name, migrated, migratedMs, workers: this.#workers, apis: APIS, perSecond: this.#perSecond },
        ...{ forwardSeconds: rounded((half - from) / 1_000), backSeconds: rounded((until - half) / 1_000) },
      },
    });
  }

  async close(): Promise<void> {
    this.#killReceiver();
    for (const instance of this.#running) await instance.kill();
    await this.#records.close();
  }

  async #replaceAll(release: Release): Promise<void> {
    for (const old of this.#running) {
      await this.#start({ release, roles: old.roles, env: this.#env });
      await this.#end(old);
      await this.#clock.sleep(this.#pauseMs);
    }
  }

  async #start(options: InstanceOptions): Promise<void> {
    const instance = await Instance.start(options, this.#clock);
    this.#running = [...this.#running, instance];
    if (instance.roles === "api") await this.#balancer.add(instance);
  }

  async #end(instance: Instance): Promise<void> {
    this.#exitCodes.push(await instance.end());
    this.#balancer.remove(instance);
    this.#running = this.#running.filter((one) => one !== instance);
  }

  async #outcome(seen: {
    readonly traffic: Traffic;
    readonly open: number;
    readonly arrivals: readonly Arrival[];
    readonly figures: Readonly<Record<string, unknown>>;
  }): Promise<Outcome> {
    const { traffic, open, arrivals, figures } = seen;
    const { tally, tookMs, wrongs } = this.#balancer;
    const kept = await ordersKept(this.#url);
    const came = new Set(arrivals.map(({ id }) => id));
    const delivered = new Map(
      kept
        .filter(({ eventId, state }) => state === "COMPLETED" && came.has(eventId ?? ""))
        .map((one) => [one.key, one]),
    );
    const lost = traffic.accepted.filter(({ key }) => !delivered.has(key));
    const again = sentAgainOf(arrivals, kept);
    const twice = kept.length - new Set(kept.map(({ key }) => key)).size;
    const late = kept.flatMap(({ latenessMs }) => (latenessMs === null ? [] : [latenessMs]));
    const p99 = rounded(percentile(late, 0.99));
    const clean = this.#exitCodes.filter((code) => code === 0).length;
    return {
      trial: "rolling",
      figures: {
        ...figures,
        ...{ accepted: traffic.accepted.length, open, sentAgain: again.events, ...tally, saidAgain: traffic.saidAgain },
        ...{ latenessP50: rounded(percentile(late, 0.5)), latenessP99: p99, latenessMax: rounded(percentile(late, 1)) },
        ...{ apiP99: rounded(percentile(tookMs, 0.99)), wrongs: wrongs.slice(0, 10), lost: lost.slice(0, 10) },
      },
      demands: [
        {
          what: "what the API accepted is delivered",
          seen: `${traffic.accepted.length - lost.length} of ${traffic.accepted.length}, ${lost.length} lost, ${open} open`,
          held: traffic.accepted.length > 0 && lost.length === 0 && open === 0,
        },
        {
          what: "nothing is sent again after its success is on record, and a schedule has one event",
          seen: `${again.bad.length} bad, ${twice} events too many; ${again.events} sent again at all`,
          held: again.bad.length === 0 && twice === 0,
        },
        {
          what: "the API answers, and no answer is of 500 or more",
          seen: `${tally.answered} answers, ${tally.errors} of 500 or more, ${tally.refused} refused, ${tally.broken} broken off; ${tally.retried} asked of another`,
          held: tally.answered > 0 && tally.errors + tally.refused + tally.broken === 0,
        },
        {
          what: "said again to another process, with one key, it is answered as before",
          seen: `${traffic.answeredOtherwise.length} of ${traffic.saidAgain} otherwise`,
          held: traffic.saidAgain > 0 && traffic.answeredOtherwise.length === 0,
        },
        {
          what: "who is told to end drains, and ends in good order",
          seen: `${clean} of ${this.#exitCodes.length}`,
          held: clean === this.#exitCodes.length,
        },
        { what: `p99 of lateness at most ${MOST_LATE_MS} ms`, seen: `${p99} ms`, held: p99 <= MOST_LATE_MS },
      ],
    };
  }
}
