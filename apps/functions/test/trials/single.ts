import { openAccount } from "../support/account.js";
import { importLines, makeDestination, states } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import type { Outcome } from "../support/outcome.js";

/** More than the longest timeout of a destination. */
const TIMEOUT_MS = 80_000;

/** One function that claims and delivers by itself; killed at work once, and the next tick goes on. */
export async function single({ events = 500 }: { readonly events?: number }): Promise<Outcome> {
  const receiver = await Receiver.open();
  const scheduler = { PUNCTUAL_SCHEDULER: "single-stage", PUNCTUAL_SCHEDULER_LINGER_SECONDS: "5" };
  const account = await openAccount({ workers: 1, queues: { visibilitySeconds: 60, maxReceives: 3 }, scheduler });
  try {
    const destinationId = await makeDestination(account, receiver.url);
    const due = Date.now() + 2_000 + events * 2;
    const lines = Array.from({ length: events }, (_, n) => ({
      ...{ key: `event ${n}`, type: "report.due", timeZone: "Etc/UTC" },
      ...{ when: { at: new Date(due + (n % 40) * 100).toISOString() } },
      ...(n % 10 === 0 ? { destination: { url: `${receiver.url}/${n}` } } : { destinationId }),
      payload: { n, manner: n % 10 === 0 ? "twice" : "slow" },
      retry: { maxAttempts: 4, within: "PT5M", initial: "PT1S", cap: "PT2S" },
    }));
    await importLines(account, lines);
    const killed = await killedTick(account, () => receiver.seen.length > events / 4);
    const open = async () => {
      const { PENDING: pending = 0, PROCESSING: processing = 0 } = await states(account);
      return pending + processing;
    };
    for (let ticks = 0; ticks < 20 && (await open()) > 0; ticks++) await account.tick(TIMEOUT_MS);
    const ended = await states(account);
    const welcome = Map.groupBy(
      receiver.seen.filter(({ status }) => status < 300),
      ({ eventId }) => eventId,
    );
    const twice = [...welcome.values()].filter((some) => some.length > 1).length;
    const early = receiver.seen.filter(({ at, dueAt }) => at < dueAt).length;
    return {
      trial: "functions single",
      figures: { events, ended, requests: receiver.seen.length, twice },
      demands: [
        { what: "the function was killed at work", seen: String(killed), held: killed },
        { what: "all completed", seen: `${ended["COMPLETED"] ?? 0} of ${events}`, held: ended["COMPLETED"] === events },
        {
          what: "only what was under way at the kill was sent again",
          seen: `${twice} of ${welcome.size}`,
          held: twice < events / 2,
        },
        { what: "none early", seen: early, held: early === 0 },
      ],
    };
  } finally {
    await account.close();
    await receiver.close();
  }
}

/** A tick that is killed once something holds; whether it was. */
async function killedTick(
  { functions }: Awaited<ReturnType<typeof openAccount>>,
  now: () => boolean,
): Promise<boolean> {
  const ticking = functions.scheduler.invoke({}, { timeoutMs: TIMEOUT_MS });
  const looking = setInterval(() => {
    if (now()) functions.scheduler.kill();
  }, 5);
  const report = await ticking.finally(() => clearInterval(looking));
  return !report.ok;
}
