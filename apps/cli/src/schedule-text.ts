import type { Command } from "commander";
import { usage } from "./failure.js";
import { readJson, readObject, textOf } from "./input.js";
import { choice, each, whole } from "./options.js";
import { everyOf, rruleOf, type WhenInput, yearlyOf } from "./rule.js";
import type { Terminal } from "./terminal.js";

/** The options of `schedule create`, `put` and `patch` that say what a schedule is. */
export interface ScheduleOptions {
  readonly file?: string;
  readonly type?: string;
  readonly zone?: string;
  readonly at?: string;
  readonly yearly?: string;
  readonly cron?: string;
  readonly rrule?: string;
  readonly every?: string;
  readonly start?: string;
  readonly exdate?: readonly string[];
  readonly gap?: string;
  readonly overlap?: string;
  readonly leapDay?: string;
  readonly from?: string;
  readonly until?: string;
  readonly count?: number;
  readonly spread?: string;
  readonly url?: string;
  readonly destination?: string;
  readonly payload?: string;
  readonly key?: string;
  readonly catchUp?: string;
  readonly maxLateness?: string;
  readonly ifRunning?: string;
  readonly maxAttempts?: number;
  readonly label?: readonly string[];
  readonly unset?: readonly string[];
}

export function describing(command: Command): Command {
  return timing(command)
    .option("--file <path>", "all of it as JSON, from a file, or from stdin for -")
    .option("--type <text>", "what the receiver is told it is, such as report.due")
    .option("--zone <name>", "the time zone, such as Europe/Berlin")
    .option("--at <date-time>", "once: a local date-time, or an instant")
    .option("--cron <fields>", "by five fields, or six with the seconds first")
    .option("--rrule <rule>", "by RFC 5545, with --start")
    .option("--every <duration>", "a fixed step such as PT15M, with --start")
    .option("--yearly <MM-DD [HH:MM]>", "each year, at nine if no time is said")
    .option("--from <date-time>", "not before this")
    .option("--until <date-time>", "not after this")
    .option("--count <number>", "so many events in all", whole({ min: 1, max: 1_000_000_000 }))
    .option("--spread <duration>", "move each event by a repeatable part of this")
    .option("--url <url>", "where events go")
    .option("--destination <id>", "or to a destination that is there")
    .option("--payload <json>", "what is sent; @path takes it from a file")
    .addOption(choice("--catch-up <policy>", "of what was missed", ["latest", "all", "none"]))
    .option("--max-lateness <duration>", "skip what is later than this")
    .addOption(choice("--if-running <policy>", "while the event before is under way", ["start", "skip", "wait"]))
    .option("--max-attempts <number>", "how often one event is tried", whole({ min: 0, max: 200 }))
    .option("--label <name:value>", "may be given several times", each);
}

/** What a rule alone needs. */
export function timing(command: Command): Command {
  return command
    .option("--start <date-time>", "where a duration or an RRULE begins")
    .option("--exdate <date-time>", "a local date-time that an RRULE leaves out; several times", each)
    .addOption(choice("--gap <policy>", "for a time that the clocks skip (shift)", ["shift", "boundary", "skip"]))
    .addOption(choice("--overlap <policy>", "for a time that comes twice (first)", ["first", "second", "both"]))
    .addOption(choice("--leap-day <policy>", "for 29 February (feb28)", ["feb28", "mar1", "skip"]));
}

/** The JSON to be sent: a file's text as it is, or what the options say. A payload keeps its digits either way. */
export async function scheduleText(options: ScheduleOptions, terminal: Terminal): Promise<string> {
  const { file } = options;
  const fields = fieldsOf(options);
  const payload = await payloadOf(options, terminal);
  if (file !== undefined) {
    const others = Object.keys(fields);
    if (others.length > 0 || payload !== undefined) throw usage("--file says all of it: leave the other options out");
    const text = (await textOf(file, terminal.input)).replace(/^\ufeff/, "");
    readObject(text, file === "-" ? "stdin" : file);
    return text;
  }
  const parts = Object.entries(fields).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  if (payload !== undefined) parts.push(`"payload":${payload}`);
  if (parts.length === 0)
    throw usage("say what it is to be: by --file, or by options such as --type, --zone and --cron");
  return `{${parts.join(",")}}`;
}

function fieldsOf(options: ScheduleOptions): Readonly<Record<string, unknown>> {
  const { key, type, zone, gap, overlap, leapDay, from, until, count, spread } = options;
  const { url, destination, catchUp, maxLateness, ifRunning, maxAttempts, label, unset = [] } = options;
  const fields = {
    ...{ key, type, timeZone: zone, when: whenOf(options), gap, overlap, leapDay, from, until, count, spread },
    destinationId: destination,
    destination: url === undefined ? undefined : { url },
    ...{ catchUp, ifRunning },
    lateness: maxLateness === undefined ? undefined : { max: maxLateness },
    retry: maxAttempts === undefined ? undefined : { maxAttempts },
    labels: label === undefined ? undefined : Object.fromEntries(label.map(labelOf)),
    ...Object.fromEntries(unset.map((name) => [name, null])),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function whenOf(options: ScheduleOptions): WhenInput | undefined {
  const { at, yearly, cron, rrule, every } = options;
  const forms: readonly (readonly [string | undefined, (text: string) => WhenInput])[] = [
    [at, (text) => ({ at: text })],
    [cron, (text) => ({ cron: text })],
    [yearly, yearlyOf],
    [every, (text) => everyOf(text, options)],
    [rrule, (text) => rruleOf(text, options)],
  ];
  const [first, ...others] = forms.flatMap(([text, read]) => (text === undefined ? [] : [read(text)]));
  if (others.length > 0) throw usage("say one of --at, --cron, --rrule, --every and --yearly");
  return first;
}

async function payloadOf({ payload }: ScheduleOptions, terminal: Terminal): Promise<string | undefined> {
  if (payload === undefined) return undefined;
  const text = payload.startsWith("@") ? await textOf(payload.slice(1), terminal.input) : payload;
  readJson(text, "--payload");
  return text.replace(/^\ufeff/, "").trim();
}

function labelOf(text: string): readonly [string, string] {
  const colon = text.indexOf(":");
  if (colon < 1) throw usage(`--label ${JSON.stringify(text)} is not name:value`);
  return [text.slice(0, colon), text.slice(colon + 1)];
}
