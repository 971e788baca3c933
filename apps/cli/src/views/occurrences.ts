import type { schedules } from "@punctual/api/contract";
import type { AnswerOf } from "../api/read-answer.js";
import { tableOf } from "../table.js";
import type { Terminal } from "../terminal.js";

export type Occurrences = AnswerOf<(typeof schedules)["occurrences"]>;

/** What a note means, for whoever reads it for the first time. */
const NOTES: Readonly<Record<string, string>> = {
  gap: "gap: the clocks skip the time that the rule names",
  overlap: "overlap: the clocks show this time twice",
  leap_day: "leap_day: this year has no 29 February",
  excluded: "excluded: left out",
};

export async function printOccurrences({ items, tzdata }: Occurrences, terminal: Terminal): Promise<void> {
  const rows = items.map(({ local: { dateTime, offset, fold }, dueAt, note }) => {
    const pass = note === "overlap" ? `, pass ${fold + 1} of 2` : "";
    return [dateTime, offset, dueAt ?? "-", note === undefined ? "" : `${NOTES[note] ?? note}${pass}`];
  });
  if (rows.length > 0) await terminal.print(tableOf(["LOCAL TIME", "OFFSET", "INSTANT", "NOTE"], rows, terminal));
  else terminal.say("there is nothing ahead");
  terminal.say(`by the zone data ${tzdata}`);
}
