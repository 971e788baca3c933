import { openAccount } from "../support/account.js";
import { importLines, makeDestination, states } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";
import type { Outcome } from "../support/outcome.js";

const AT_ONCE = 10_000;
/** Of the function that ticks. */
const TIMEOUT_MS = 50_000;

/** Many events that fall due at one instant: a tick hands over what it has time for, and the next one goes on. */
export async function burst({ events = 1_000 }: { readonly events?: number }): Promise<Outcome> {
  const receiver = await Receiver.open();
  const scheduler = { PUNCTUAL_SCHEDULER_LINGER_SECONDS: "0", PUNCTUAL_SCHEDULER_LEASE_SECONDS: "600" };
  const account = await openAccount({ workers: 1, queues: { visibilitySeconds: 600, maxReceives: 3 }, scheduler });
  try {
    const destinationId = await makeDestination(account, receiver.url);
    const due = Date.now() + 1_500 + events / 2; // later than the last of them is made
    const at = new Date(due).toISOString();
    for (let first = 0; first < events; first += AT_ONCE) {
      const count = Math.min(AT_ONCE, events - first);
      await importLines(
        account,
        Array.from({ length: count }, (_, n) => ({
          ...{ key: `event ${first + n}`, type: "report.due", timeZone: "Etc/UTC", destinationId, payload: null },
          ...{ when: { at } },
        })),
      );
    }
    await sleep(due - Date.now());
    const ticks: { readonly done: number; readonly seconds: number; readonly pending: number }[] = [];
    let stranded = 0;
    do {
      const began = performance.now();
      const { done } = await account.tick(TIMEOUT_MS);
      const { PENDING: pending = 0, PROCESSING: handedOver = 0 } = await states(account);
      ticks.push({ done, seconds: (performance.now() - began) / 1_000, pending });
      stranded += events - pending - handedOver;
    } while ((ticks.at(-1)?.pending ?? 0) > 0 && ticks.length < 20);
    const sent = ticks.reduce((sum, { done }) => sum + done, 0);
    const messages = await depth(account);
    const longest = Math.max(...ticks.map(({ seconds }) => seconds));
    return {
      trial: "functions burst",
      figures: { events, ticks, messages },
      demands: [
        {
          what: "all were handed over, each once",
          seen: `${sent} of ${events}, ${messages} messages`,
          held: sent === events && messages === events,
        },
        {
          what: "no tick took longer than its function may",
          seen: `${longest.toFixed(1)} s of ${TIMEOUT_MS / 1_000}`,
          held: longest < TIMEOUT_MS / 1_000,
        },
        { what: "what a tick left was there for the next", seen: `${stranded} stranded`, held: stranded === 0 },
        ...(events <= 1_000 ? [{ what: "one tick was enough", seen: ticks.length, held: ticks.length === 1 }] : []),
      ],
    };
  } finally {
    await account.close();
    await receiver.close();
  }
}

async function depth({ functions }: Awaited<ReturnType<typeof openAccount>>): Promise<number> {
  const report = await functions.health.invoke({});
  if (!report.ok) throw new Error(report.error.errorMessage);
  return (report.payload as { parts: { queues: { messages: number } } }).parts.queues.messages;
}
