import type { schedules } from "@punctual/api/contract";
import type { AnswerOf } from "../api/read-answer.js";
import { whenText } from "../rule.js";
import { factsOf, tableOf } from "../table.js";
import type { Terminal } from "../terminal.js";

type Schedule = AnswerOf<(typeof schedules)["get"]>;

export function scheduleTable(items: readonly Schedule[], terminal: Terminal): string {
  const rows = items.map((one) => [
    ...[one.id, one.key, one.type, one.state, whenText(one.when), one.timeZone, one.nextDueAt],
  ]);
  return tableOf(["ID", "KEY", "TYPE", "STATE", "WHEN", "ZONE", "NEXT DUE"], rows, terminal);
}

/** `payload` is the text that it came as: read and written again it could lose digits. */
export function scheduleFacts(one: Schedule, payload: string | undefined, terminal: Terminal): string {
  const labels = Object.entries(one.labels).map(([name, value]) => `${name}:${value}`);
  return factsOf(
    {
      ...{ id: one.id, key: one.key, type: one.type, state: one.state },
      when: whenText(one.when),
      zone: one.timeZone,
      "next due": one.nextDueAt,
      policies: `gap ${one.gap}, overlap ${one.overlap}, leap day ${one.leapDay}, if running ${one.ifRunning}`,
      "catch up": [one.catchUp.policy, one.catchUp.within].filter((part) => part !== undefined).join(" within "),
      "max lateness": one.lateness?.max,
      ...{ from: one.from, until: one.until, count: one.count, spread: one.spread },
      destination: one.destinationId,
      payload: payload === undefined ? undefined : shortened(payload),
      labels: labels.join(", "),
      ...{ revision: one.revision, created: one.createdAt, updated: one.updatedAt },
    },
    terminal,
  );
}

const LONGEST = 200;

/** The whole of it is in the JSON. */
function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()}…`;
}
