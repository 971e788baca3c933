import { localTimeOf, parseTiming, previewOf } from "@punctual/core";
import type { Command } from "commander";
import { instant, whole } from "../options.js";
import { ruleOf } from "../rule.js";
import { action, type Context } from "../run.js";
import { type ScheduleOptions, timing } from "../schedule-text.js";
import { type Occurrences, printOccurrences } from "../views/occurrences.js";

type NextOptions = Pick<ScheduleOptions, "start" | "exdate" | "gap" | "overlap" | "leapDay"> & {
  readonly zone: string;
  readonly count?: number;
  readonly after?: string;
};

/** `punctual next` */
export function nextCommand(program: Command, context: Context): void {
  const command = program
    .command("next <rule>")
    .description("show the next times of a rule, and what clock changes do to them; nothing is stored");
  timing(command)
    .requiredOption("--zone <name>", "the time zone, such as Europe/Berlin")
    .option("--count <number>", "how many (10)", whole({ min: 1, max: 1_000 }))
    .option("--after <instant>", "after this (now)", instant)
    .addHelpText("after", RULES)
    .action(
      action<NextOptions>(context, async ({ terminal }, options, [rule = ""]) => {
        const { zone, gap, overlap, leapDay, count = 10 } = options;
        const { recurrence, clock } = (await import("../container.js")).localParts();
        const input = { timeZone: zone, when: ruleOf(rule, options), ...given({ gap, overlap, leapDay }) };
        const parsed = parseTiming(input, recurrence.zones);
        const after = options.after === undefined ? clock.now().getTime() : Date.parse(options.after);
        const entries = previewOf(parsed, recurrence, { after, count });
        const preview: Occurrences = {
          items: entries.map(({ occurrence, dueAt, note }) => ({
            local: localTimeOf(occurrence, parsed.timeZone),
            ...(dueAt !== null && { dueAt: new Date(dueAt).toISOString() }),
            ...(note !== null && { note }),
          })),
          tzdata: recurrence.zones.version,
        };
        if (terminal.json) await terminal.print(JSON.stringify(preview));
        else await printOccurrences(preview, terminal);
      }),
    );
}

function given(fields: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

const RULES = `
A rule is one of
  "0 9 * * MON-FRI"            cron: five fields, or six with the seconds first
  "FREQ=MONTHLY;BYDAY=-1FR"    an RRULE, with --start 2027-01-29T17:00:00
  PT15M                        a fixed step, with --start 2027-01-01T00:00:00Z
  2027-03-14T09:00:00          one local date-time
  02-29, "12-24 18:30"         each year, at nine if no time is said
`;
