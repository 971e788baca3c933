import { type SimulatedEvent, SimulateSchedules } from "@punctual/core";
import type { Command } from "commander";
import { Interrupted } from "../failure.js";
import { textOf } from "../input.js";
import { instant, whole } from "../options.js";
import { counted, thousands } from "../progress.js";
import { action, type Context, type Run } from "../run.js";
import { schedulesIn } from "../simulation.js";
import { printable } from "../terminal.js";

interface SimulateOptions {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
}

const CHUNK = 500;

/** `punctual simulate` */
export function simulateCommand(program: Command, context: Context): void {
  program
    .command("simulate <file>")
    .description("show what schedules (JSON, NDJSON, or - for stdin) would do: years in seconds, nothing is stored")
    .option("--from <instant>", "the start (now)", instant)
    .option("--to <instant>", "the end (a year after the start)", instant)
    .option("--limit <number>", "so many events at most", whole({ min: 1, max: 1_000_000_000 }))
    .action(
      action<SimulateOptions>(context, async (run, options, [path = ""]) => {
        const { recurrence, clock } = (await import("../container.js")).localParts();
        const from = options.from === undefined ? clock.now() : new Date(options.from);
        const to = options.to === undefined ? yearAfter(from) : new Date(options.to);
        const text = await textOf(path, run.terminal.input);
        const schedules = schedulesIn(text, { path, zones: recurrence.zones, now: from });
        const keys = new Map(schedules.map(({ id, key }) => [id, key]));
        const began = clock.monotonic();
        const events = new SimulateSchedules({ recurrence }).run(schedules, from, to);
        const views = viewsOf(events, keys, options.limit ?? Infinity);
        const count = await printViews(run, views, `],"tzdata":${JSON.stringify(recurrence.zones.version)}}\n`);
        const took = ((clock.monotonic() - began) / 1_000).toFixed(1);
        const paused = schedules.filter(({ status }) => status !== "active").length;
        const still = paused === 0 ? "" : `, ${thousands(paused)} of them paused`;
        const what = `${counted(count, "event")} of ${counted(schedules.length, "schedule")}${still}`;
        run.terminal.say(`${what}, from ${from.toISOString()} to ${to.toISOString()}, in ${took} s`);
      }),
    );
}

type View = Omit<SimulatedEvent, "note" | "dueAt"> & {
  readonly key?: string;
  readonly dueAt: string;
  readonly note?: string;
};

function* viewsOf(events: Iterable<SimulatedEvent>, keys: ReadonlyMap<string, string | null>, limit: number) {
  let count = 0;
  for (const { note, dueAt, ...event } of events) {
    if (count++ >= limit) return;
    const key = keys.get(event.scheduleId) ?? null;
    yield { ...event, ...(key !== null && { key }), dueAt: dueAt.toISOString(), ...(note !== null && { note }) };
  }
}

/** As they come: a year of them may be more than fits into memory. */
async function printViews({ terminal, signal }: Run, views: Iterable<View>, end: string): Promise<number> {
  let count = 0;
  let chunk: string[] = [];
  const flush = async () => {
    await terminal.write(chunk.join(""));
    chunk = [];
    await new Promise(setImmediate); // to hear of a Ctrl-C
    if (signal.aborted) throw new Interrupted();
  };
  if (terminal.json) chunk.push('{"items":[');
  for (const view of views) {
    chunk.push(terminal.json ? `${count === 0 ? "" : ","}${JSON.stringify(view)}` : `${lineOf(view)}\n`);
    count++;
    if (chunk.length >= CHUNK) await flush();
  }
  if (terminal.json) chunk.push(end);
  await flush();
  return count;
}

function lineOf({ dueAt, local: { dateTime, offset, timeZone }, type, key, note }: View): string {
  const parts = [dueAt, `${dateTime}${offset} ${timeZone}`, type, key, note];
  return printable(parts.filter((part) => part !== undefined).join("  "));
}

function yearAfter(from: Date): Date {
  const to = new Date(from);
  to.setUTCFullYear(to.getUTCFullYear() + 1);
  return to;
}
