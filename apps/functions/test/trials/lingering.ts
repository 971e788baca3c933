import { onGcp } from "../platforms/gcp.js";
import type { Outcome } from "../support/outcome.js";
import { importLines, makeDestination } from "../support/plan.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";

const MINUTE = 60_000;

/**
 * Events over some minutes through a transport that holds nothing back: a tick that is triggered once a minute stays until the
 * next one relieves it, and hands each event over at its time.
 */
export async function lingering({
  events = 1_000,
  minutes = 2,
}: {
  readonly events?: number;
  readonly minutes?: number;
}): Promise<Outcome> {
  const receiver = await Receiver.open();
  const platform = await onGcp({ workers: 2, hiddenSeconds: 60, maxReceives: 5, scheduler: {} });
  try {
    const destinationId = await makeDestination(platform, receiver.url);
    const from = Date.now() + 15_000 + events * 2;
    await importLines(
      platform,
      Array.from({ length: events }, (_, n) => ({
        ...{ key: `event ${n}`, type: "report.due", timeZone: "Etc/UTC", destinationId, payload: { n } },
        // Half of them at whole seconds, as people have it, half anywhere.
        when: { at: new Date(dueOf(n, { events, from, minutes })).toISOString() },
      })),
    );
    // That a service has to start is another figure.
    await platform.warm();
    const end = from + minutes * MINUTE + 3_000;
    const ticks: Promise<{ readonly status: number }>[] = [];
    for (let at = from - 5_000; at < end; at += MINUTE) {
      await sleep(at - Date.now());
      ticks.push(platform.tick());
    }
    await sleep(end - Date.now());
    const late = receiver.seen.map(({ at, dueAt }) => at - dueAt).sort((one, other) => one - other);
    const rank = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? Infinity;
    const [p50, p99, longest, early] = [rank(0.5), rank(0.99), late.at(-1), late.filter((ms) => ms < 0).length];
    const once = new Set(receiver.seen.map(({ eventId }) => eventId)).size;
    const pushed = platform.pushed();
    const relieved = (await Promise.all(ticks.slice(0, -1))).filter(({ status }) => status === 200).length;
    return {
      trial: "functions lingering",
      figures: { events, ticks: ticks.length, p50, p99, longest, early, pushed },
      demands: [
        {
          what: "all were delivered, each once",
          seen: `${once} of ${events}, ${late.length} requests`,
          held: once === events && late.length === events,
        },
        {
          what: "p99 of lateness at most 1 s",
          seen: `${p99} ms (median ${p50}, longest ${longest})`,
          held: p99 <= 1_000,
        },
        { what: "none early", seen: early, held: early === 0 },
        { what: "none was held beyond its lease: each was handed over once", seen: pushed, held: pushed === events },
        {
          what: "each tick stayed until the next one relieved it",
          seen: `${relieved} of ${ticks.length - 1}`,
          held: relieved === ticks.length - 1 && relieved > 0,
        },
      ],
    };
  } finally {
    await platform.close();
    await receiver.close();
  }
}

export function dueOf(n: number, { events, from, minutes }: { events: number; from: number; minutes: number }): number {
  const at = from + Math.floor((n / events) * minutes * MINUTE);
  return n % 2 === 0 ? at : Math.ceil(at / 1_000) * 1_000;
}
