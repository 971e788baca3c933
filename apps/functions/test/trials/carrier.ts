import { onPlatform, type PlatformName } from "../platforms/index.js";
import { importLines, makeDestination, states } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";
import type { Outcome } from "../support/outcome.js";

const AWAY_MS = 3_000;
const LONGEST_MS = 240_000;

/** What carries messages is killed while a thousand are on their way, and is started again. */
export async function carrier({
  events = 1_500,
  on = "redis",
}: {
  readonly events?: number;
  readonly on?: PlatformName;
}): Promise<Outcome> {
  const receiver = await Receiver.open();
  const scheduler = {
    PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: "5",
    PUNCTUAL_SCHEDULER_LINGER_SECONDS: "4",
    PUNCTUAL_SCHEDULER_LEASE_SECONDS: "20",
  };
  const platform = await onPlatform(on, { workers: 4, hiddenSeconds: 10, maxReceives: 5, scheduler });
  try {
    if (platform.carrier === null) throw new Error(`What carries messages on ${on} cannot be killed`);
    const destinationId = await makeDestination(platform, receiver.url);
    const due = Date.now() + 5_000 + events * 4;
    const lines = Array.from({ length: events }, (_, n) => ({
      ...{ key: `event ${n}`, type: "report.due", timeZone: "Etc/UTC", destinationId },
      when: { at: new Date(due).toISOString() },
      payload: { n, manner: "slow" },
      retry: { maxAttempts: 4, within: "PT5M", initial: "PT1S", cap: "PT2S" },
    }));
    await importLines(platform, lines);
    await platform.work();
    const open = async () => {
      const { PENDING: pending = 0, PROCESSING: processing = 0 } = await states(platform);
      return pending + processing;
    };
    const stop = new AbortController();
    const turning = turns(platform.turn.bind(platform), stop.signal);
    while (receiver.seen.length < 20) await sleep(20);
    const before = await open();
    await platform.carrier.kill();
    await sleep(AWAY_MS);
    await platform.carrier.start();
    const backAt = Date.now();
    while ((await open()) > 0 && Date.now() - backAt < LONGEST_MS) await sleep(200);
    const tookMs = Date.now() - backAt;
    stop.abort();
    await turning;

    const ended = await states(platform);
    const { rows } = await platform.rows.query<{ id: string; finished_at: Date }>(
      "select id, finished_at from event_history where state = 'COMPLETED'",
    );
    const finished = new Map(rows.map(({ id, finished_at: at }) => [id, at.getTime()]));
    const bad = receiver.seen.filter(({ eventId, at }) => at > (finished.get(eventId) ?? Infinity)).length;
    const early = receiver.seen.filter(({ at, dueAt }) => at < dueAt).length;
    const completed = ended["COMPLETED"] ?? 0;
    return {
      trial: `functions carrier on ${platform.name}`,
      figures: { events, before, ended, requests: receiver.seen.length, tookMs },
      demands: [
        { what: "a thousand were on their way when it was killed", seen: before, held: before >= 1_000 },
        { what: "none lost", seen: `${completed} of ${events} completed`, held: completed === events },
        { what: "none was sent after its success was on record", seen: bad, held: bad === 0 },
        { what: "each was sent once", seen: `${receiver.seen.length} requests`, held: receiver.seen.length === events },
        { what: "none early", seen: early, held: early === 0 },
      ],
    };
  } finally {
    await platform.close();
    await receiver.close();
  }
}

/** What triggers goes on whatever is away. */
async function turns(turn: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await turn().catch(() => sleep(500));
}
