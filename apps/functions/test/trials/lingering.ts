import { pubsubFor, tasksFor } from "../support/carried.js";
import type { Outcome } from "../support/outcome.js";
import { importLines, makeDestination } from "../support/plan.js";
import { openProject, type Project } from "../support/project.js";
import { Receiver } from "../support/receiver.js";
import { sleep } from "../support/sleep.js";

const MINUTE = 60_000;

/** What carries messages: one holds nothing back, so that a tick has to linger, the other holds each until its time. */
const CARRIERS = {
  pubsub: async (project: Project) => pubsubFor(project, { hiddenSeconds: 60 }),
  tasks: async (project: Project) => tasksFor(project),
};

/**
 * Events over some minutes and a tick that is triggered once a minute: it stays until the next one relieves it and hands each
 * event over at its time, or hands all of a minute over ahead and ends.
 */
export async function lingering({
  events = 1_000,
  minutes = 2,
  by = "pubsub",
}: {
  readonly events?: number;
  readonly minutes?: number;
  readonly by?: keyof typeof CARRIERS;
}): Promise<Outcome> {
  const receiver = await Receiver.open();
  let pushed = 0;
  const onAnswer = (body: string) => void (body !== "" && pushed++);
  const project = await openProject({ workers: 2, env: {}, onAnswer });
  const carried = await CARRIERS[by](project);
  try {
    const destinationId = await makeDestination(project, receiver.url);
    const from = Date.now() + 15_000 + events * 2;
    await importLines(
      project,
      Array.from({ length: events }, (_, n) => ({
        ...{ key: `event ${n}`, type: "report.due", timeZone: "Etc/UTC", destinationId, payload: { n } },
        // Half of them at whole seconds, as people have it, half anywhere.
        when: { at: new Date(dueOf(n, { events, from, minutes })).toISOString() },
      })),
    );
    // That a service has to start is another figure.
    await project.warm();
    const end = from + minutes * MINUTE + 3_000;
    const ticks = await ticking(project, { from: from - 5_000, end });
    const late = receiver.seen.map(({ at, dueAt }) => at - dueAt).sort((one, other) => one - other);
    const rank = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? Infinity;
    const [p50, p99, longest, early] = [rank(0.5), rank(0.99), late.at(-1), late.filter((ms) => ms < 0).length];
    const once = new Set(receiver.seen.map(({ eventId }) => eventId)).size;
    const busy = ticks.busyMs / (end - from + 5_000);
    return {
      trial: `functions lingering by ${by}`,
      figures: { events, ...ticks, p50, p99, longest, early, pushed, busy: Number(busy.toFixed(3)) },
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
          what: "every trigger was answered with 200",
          seen: `${ticks.answered} of ${ticks.all}`,
          held: ticks.answered === ticks.all,
        },
        {
          what: by === "pubsub" ? "there was a tick all the time" : "ticks ended at once",
          seen: `${(100 * busy).toFixed(1)} % of the time`,
          held: by === "pubsub" ? busy > 0.95 : busy < 0.2,
        },
      ],
    };
  } finally {
    await project.close();
    await carried.close();
    await receiver.close();
  }
}

/** A trigger each minute; for how long a tick was under way, and how many were answered well. The last one is cut off. */
async function ticking({ tick }: Project, { from, end }: { from: number; end: number }) {
  const seen = { all: 0, answered: 0, busyMs: 0 };
  const all: Promise<void>[] = [];
  let last = from;
  for (let at = from; at < end; at += MINUTE) {
    await sleep(at - Date.now());
    const began = Date.now();
    seen.all++;
    all.push(
      tick().then(({ status }) => {
        if (status === 200) seen.answered++;
        seen.busyMs += Math.min(Date.now(), end) - Math.max(began, last);
        last = Math.max(last, Date.now());
      }),
    );
  }
  await sleep(end - Date.now());
  const cut = seen.answered < seen.all;
  if (cut) Object.assign(seen, { all: seen.all - 1, busyMs: seen.busyMs + end - last });
  for (const one of all) one.catch(() => undefined);
  return seen;
}

export function dueOf(n: number, { events, from, minutes }: { events: number; from: number; minutes: number }): number {
  const at = from + Math.floor((n / events) * minutes * MINUTE);
  return n % 2 === 0 ? at : Math.ceil(at / 1_000) * 1_000;
}
