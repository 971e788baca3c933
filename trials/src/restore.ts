import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SystemClock } from "@punctual/adapter-local";
import { databaseOn, type EmbeddedServer } from "@punctual/adapter-postgres/server";
import pg from "pg";
import { rounded } from "./figures.js";
import type { Options } from "./options.js";
import type { Outcome } from "./outcome.js";
import { Balancer } from "./platform/balancer.js";
import { Instance } from "./platform/instance.js";
import { explained } from "./platform/explained.js";
import { ordersKept } from "./platform/orders-kept.js";
import {
  ARCHIVE_SECONDS,
  backUp,
  destroy,
  keptUntil,
  type Places,
  placesIn,
  restore as restoreTo,
  startArchiving,
} from "./platform/point-in-time.js";
import { type Reconciled, reconciled } from "./platform/reconciled.js";
import { thisRelease } from "./platform/release.js";
import { Traffic } from "./platform/traffic.js";
import { type ReceiverPlayer, receiverFor } from "./scene.js";

const DATABASE = "punctual";
const LEAD_MS = 3_000;
const DRAIN_MS = 60_000;
const LOOK_MS = 200;
const SERIES = { of: 10, events: 12, every: "PT2S" };
/** A disk that is copied in seconds: what a drill of minutes has to stay below. */
const MOST_RTO_MS = 60_000;
/** What is written is kept when its segment is full or old enough, and the copy takes its time. */
const MOST_RPO_MS = (ARCHIVE_SECONDS + 5) * 1_000;

/** Takes a base backup under load, destroys the server, goes back to a moment before, and explains every difference. */
export async function restore(options: Options): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "punctual-restore-"));
  await chmod(folder, 0o711); // as root the database runs as another user
  const drill = new Drill(placesIn(folder), options);
  try {
    return await drill.run();
  } finally {
    await drill.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

class Drill {
  readonly #clock = new SystemClock();
  readonly #balancer = new Balancer(this.#clock);
  readonly #receiver: ReceiverPlayer = receiverFor({}, this.#clock);
  readonly #key = randomBytes(32).toString("base64");
  readonly #places: Places;
  readonly #perSecond: number;
  readonly #spanMs: number;
  #server: EmbeddedServer | null = null;
  #platform: Instance | null = null;

  constructor(places: Places, { perSecond = 20, seconds = 4 }: Options) {
    this.#places = places;
    this.#perSecond = perSecond;
    this.#spanMs = seconds * 1_000;
  }

  async run(): Promise<Outcome> {
    const from = Date.now();
    this.#server = await startArchiving(this.#places);
    const lost = await databaseOn(this.#server, DATABASE);
    await this.#start(lost, "true");
    await this.#makeSeries();

    const traffic = await this.#traffic("before");
    const calling = new AbortController();
    const called = traffic.run(calling.signal);
    called.catch(() => undefined); // it is waited for below
    await this.#clock.sleep(this.#spanMs);
    await backUp(lost, this.#places);
    await this.#clock.sleep(this.#spanMs);
    const target = await this.#now(lost);
    // So long that events of schedules made meanwhile come due, and that the log of that moment is kept.
    await this.#clock.sleep(LEAD_MS + this.#spanMs);
    const until = Date.now();
    await this.#clock.sleep(100);
    const before = await this.#windows(from, target.at, until);
    calling.abort();
    await called;
    const keptBefore = await ordersKept(lost);
    await this.#stop("kill");
    await destroy(this.#server, this.#places);
    this.#server = null;

    const destroyedAt = Date.now();
    const rpoMs = destroyedAt - (await keptUntil(this.#places));
    this.#server = await restoreTo(this.#places, target.text);
    const restored = await databaseOn(this.#server, DATABASE);
    const serverAfterMs = Date.now() - destroyedAt;
    const atTarget = await ordersKept(restored);
    const restoredAt = Date.now();
    await this.#start(restored, "false");
    const rtoMs = Date.now() - destroyedAt;

    const later = await this.#traffic("after");
    const callingAgain = new AbortController();
    const calledAgain = later.run(callingAgain.signal);
    await this.#clock.sleep(this.#spanMs);
    callingAgain.abort();
    await calledAgain;
    const open = await this.#drained(restored);
    const after = await this.#windows(from, target.at, until);
    const since = await reconciled(this.#balancer, until, Date.now());
    const kept = await ordersKept(restored);
    await this.#stop("end");
    const arrivals = await this.#receiver.end();

    const told = explained({
      ...{ target: target.at, restoredAt, accepted: traffic.accepted, lost: keptBefore, atTarget, kept, arrivals },
    });
    const there = new Set(kept.map(({ key }) => key));
    const gone = traffic.accepted.filter(({ key }) => !there.has(key));
    const goneDue = gone.filter(({ dueAt }) => dueAt >= target.at && dueAt < until).length;
    const fewer = before.behind.expected - after.behind.expected;
    const came = new Set(arrivals.map(({ id }) => id));
    const owed = kept.filter(({ eventId, state }) => state !== "COMPLETED" || !came.has(eventId ?? ""));
    return {
      trial: "restore",
      figures: {
        ...{ perSecond: this.#perSecond, target: target.text, rpoMs: rounded(rpoMs), rtoMs, serverAfterMs },
        ...{
          wentOnMs: destroyedAt - target.at,
          accepted: traffic.accepted.length,
          gone: gone.length,
          open,
          before,
          after,
        },
        ...{ told, owed: owed.slice(0, 10) },
      },
      demands: [
        {
          what: "what was accepted before T is there, what was asked for after it is not",
          seen: `${told.before.wrong.length} of ${told.before.all} missing, ${told.behind.wrong.length} of ${told.behind.all} there; ${told.between} under way at T`,
          held: told.before.all > 0 && told.behind.all > 0 && told.before.wrong.length + told.behind.wrong.length === 0,
        },
        {
          what: "reconcile: as many occurrences up to T as before, and nothing unexplained",
          seen: `${after.toTarget.expected} of ${before.toTarget.expected} expected; ${after.toTarget.delivered} delivered, ${after.toTarget.missing} missing, ${after.toTarget.unexpected} unexpected`,
          held: after.toTarget.expected === before.toTarget.expected && isSound(after.toTarget),
        },
        {
          what: "reconcile: what it lacks after T is of schedules made after T",
          seen: `${fewer} fewer expected, ${goneDue} were due of the schedules that are gone`,
          held: goneDue > 0 && fewer === goneDue && isSound(after.behind) && isSound(since),
        },
        {
          what: "what was on record at T as taken is not sent again",
          seen: `${told.onRecord.wrong.length} of ${told.onRecord.all}`,
          held: told.onRecord.all > 0 && told.onRecord.wrong.length === 0,
        },
        {
          what: "what comes again was not on record, and has the same id and body",
          seen: `${told.again.all} come again, ${told.again.wrong.length} wrong`,
          held: told.again.all > 0 && told.again.wrong.length === 0,
        },
        {
          what: "what the receiver alone knows is of schedules made after T",
          seen: `${told.orphans.all} events, ${told.orphans.wrong.length} others`,
          held: told.orphans.all > 0 && told.orphans.wrong.length === 0,
        },
        {
          what: "all that is there, and what is made from now on, is delivered",
          seen: `${kept.length} events, ${owed.length} owed, ${open} open; ${later.accepted.length} new schedules`,
          held: owed.length === 0 && open === 0 && later.accepted.length > 0,
        },
        {
          what: `RPO: the log is kept up to ${MOST_RPO_MS} ms before`,
          seen: `${rounded(rpoMs)} ms`,
          held: rpoMs <= MOST_RPO_MS,
        },
        {
          what: `RTO: ready after ${MOST_RTO_MS} ms`,
          seen: `${rtoMs} ms, the server after ${serverAfterMs} ms`,
          held: rtoMs <= MOST_RTO_MS,
        },
      ],
    };
  }

  async close(): Promise<void> {
    this.#receiver.kill();
    await this.#platform?.kill();
    await this.#server?.stop();
  }

  /** The time before the moment to come back to, and that behind it. */
  async #windows(from: number, target: number, until: number) {
    const toTarget = await reconciled(this.#balancer, from, target);
    return { toTarget, behind: await reconciled(this.#balancer, target, until) };
  }

  async #start(url: string, migrate: "true" | "false"): Promise<void> {
    const env = { PUNCTUAL_DATABASE_URL: url, PUNCTUAL_SECRET_KEYS: this.#key, PUNCTUAL_MIGRATE: migrate };
    this.#platform = await Instance.start({ release: await thisRelease(), roles: "api,worker", env }, this.#clock);
    await this.#balancer.add(this.#platform);
  }

  async #stop(how: "end" | "kill"): Promise<void> {
    const platform = this.#platform;
    if (platform === null) return;
    await platform[how]();
    this.#balancer.remove(platform);
    this.#platform = null;
  }

  async #target(): Promise<string> {
    return `http://127.0.0.1:${(await this.#receiver.ready).ports[0]}/`;
  }

  async #traffic(name: string): Promise<Traffic> {
    const options = { name, perSecond: this.#perSecond, receiver: await this.#target(), leadMs: LEAD_MS };
    return new Traffic(this.#balancer, this.#clock, options);
  }

  /** Series that begin before T and end after it. */
  async #makeSeries(): Promise<void> {
    const url = await this.#target();
    for (let number = 1; number <= SERIES.of; number++) {
      const when = { every: SERIES.every, start: new Date().toISOString() };
      const body = JSON.stringify({
        ...{ key: `series-${number}`, type: "trial.series", timeZone: "Etc/UTC", when, count: SERIES.events },
        ...{ destination: { url }, payload: { number }, catchUp: "all" },
      });
      const headers = { "content-type": "application/json" };
      const answer = await this.#balancer.ask({ method: "POST", path: "/v1/schedules", headers, body });
      if (answer?.status !== 201) throw new Error(`No series: ${answer?.body ?? "no answer"}`);
    }
  }

  /** The moment to come back to, by the clock of the server that goes. */
  async #now(url: string): Promise<{ readonly text: string; readonly at: number }> {
    const [row] = await ask<{ text: string; at: number }>(
      url,
      "select now()::text as text, (extract(epoch from now()) * 1000)::float8 as at",
    );
    if (row === undefined) throw new Error("No time");
    return { text: row.text, at: Math.floor(row.at) };
  }

  async #drained(url: string): Promise<number> {
    const end = this.#clock.monotonic() + DRAIN_MS;
    for (;;) {
      const [row] = await ask<{ open: number }>(url, "select count(*)::int as open from events");
      if (row?.open === 0 || this.#clock.monotonic() >= end) return row?.open ?? 0;
      await this.#clock.sleep(LOOK_MS);
    }
  }
}

function isSound({ missing, unexpected, difference }: Reconciled): boolean {
  return missing + unexpected + difference === 0;
}

async function ask<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
