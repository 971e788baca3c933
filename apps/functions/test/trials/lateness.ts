import { openAccount } from "../support/account.js";
import { importLines, makeDestination } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";
import { sqsGateway } from "../support/sqs-gateway.js";
import type { Outcome } from "../support/outcome.js";
import { dueOf } from "./lingering.js";

const MINUTE = 60_000;

/**
 * Events over some minutes, and a tick that is triggered once a minute and ends when nothing is due: what falls due in between
 * is handed over ahead. Every fifth message that is sent fails once.
 */
export async function lateness({
  events = 1_000,
  minutes = 2,
}: {
  events?: number;
  minutes?: number;
}): Promise<Outcome> {
  const receiver = await Receiver.open();
  const failedOnce = new Set<string>();
  const failsOnce = (body: string, place: number) => {
    if (place % 5 !== 4 || failedOnce.has(body)) return false;
    failedOnce.add(body);
    return true;
  };
  let gateway: Awaited<ReturnType<typeof sqsGateway>> | undefined;
  const account = await openAccount({
    workers: 8,
    queues: { visibilitySeconds: 20, maxReceives: 5 },
    scheduler: { PUNCTUAL_SCHEDULER_LINGER_SECONDS: "0" },
    sqsThrough: async (endpoint) => (gateway = await sqsGateway(endpoint, failsOnce)).endpoint,
  });
  try {
    const destinationId = await makeDestination(account, receiver.url);
    const from = Date.now() + 10_000 + events * 2;
    await importLines(
      account,
      Array.from({ length: events }, (_, n) => ({
        ...{ key: `event ${n}`, type: "report.due", timeZone: "Etc/UTC", destinationId, payload: { n } },
        // Half of them at whole seconds, as people have it, half anywhere.
        when: { at: new Date(dueOf(n, { events, from, minutes })).toISOString() },
      })),
    );
    await account.work();
    await warm(account);
    const done = await ticking(account, { from, minutes });
    const late = receiver.seen.map(({ at, dueAt }) => at - dueAt).sort((one, other) => one - other);
    const rank = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? Infinity;
    const early = late.filter((ms) => ms < 0).length;
    const once = new Set(receiver.seen.map(({ eventId }) => eventId)).size;
    const refused = gateway?.refused() ?? 0;
    const figures = { events, ticks: done, p50: rank(0.5), p99: rank(0.99), max: late.at(-1), early, refused };
    return {
      trial: "functions lateness",
      figures,
      demands: [
        {
          what: "all were delivered, each once",
          seen: `${once} of ${events}, ${late.length} requests`,
          held: once === events && late.length === events,
        },
        {
          what: "p99 of lateness at most 1 s",
          seen: `${figures.p99} ms (median ${figures.p50}, longest ${figures.max})`,
          held: figures.p99 <= 1_000,
        },
        { what: "none early", seen: early, held: early === 0 },
        { what: "a fifth of the messages failed once to be sent", seen: refused, held: refused >= events / 10 },
      ],
    };
  } finally {
    await account.close();
    await gateway?.close();
    await receiver.close();
  }
}

/** Workers that are there: that a cold start takes its time is another figure. */
async function warm({ functions }: Awaited<ReturnType<typeof openAccount>>): Promise<void> {
  await Promise.all(Array.from({ length: 8 }, () => functions.worker.invoke({ Records: [] })));
}

/** A tick at each minute; how many there were. */
async function ticking(
  account: Awaited<ReturnType<typeof openAccount>>,
  { from, minutes }: { from: number; minutes: number },
) {
  const start = from - 5_000;
  let ticks = 0;
  for (; ticks <= minutes; ticks++) {
    await sleep(start + ticks * MINUTE - Date.now());
    await account.tick();
  }
  await sleep(from + minutes * MINUTE + 8_000 - Date.now());
  return ticks;
}
