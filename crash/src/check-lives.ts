import { type CaseFile, type Hold, holdsOf } from "./case-file.js";
import type { Life } from "./evidence.js";
import { nameOf, TIMES } from "./orders.js";
import { Verdict } from "./verdict.js";

/** A victim ends as it was told to, and by SIGTERM in good order. */
export function checkLives(file: CaseFile): readonly Verdict[] {
  const alive = new Verdict("no process ends by itself", "F14");
  const exits = new Verdict("SIGTERM drains: exit code 0, in time", "F9");
  const gave = new Verdict("SIGTERM leaves no claim behind", "F9");
  const holds = Map.groupBy(holdsOf(file), ({ who }) => who);
  for (const life of file.evidence.lives) {
    const { end, number, lastWords } = life;
    const who = nameOf(number);
    alive.check(end.kind !== "by itself", () => `${who} (${life.shape}) ended by itself: ${lastWords}`);
    if (end.kind !== "SIGTERM" || life.termAt === null) continue;
    // Who has not come as far as listening for the signal ends at once, and holds nothing.
    if (life.readyAt === null || life.termAt <= life.readyAt) continue;
    const took = life.endedAt - life.termAt;
    const inTime = took <= TIMES.graceMs || file.wasCutOff(who, { from: life.termAt, to: life.endedAt });
    exits.check(
      end.code === 0 && inTime,
      () => `${who} (${life.shape}) ended with ${end.code ?? end.signal} after ${took} ms: ${lastWords}`,
    );
    const left = (holds.get(who) ?? []).filter((hold) => isLeft(hold, life, file));
    gave.check(left.length === 0, () => `${who} (${life.shape}) left ${left.map((one) => one.eventId).join(", ")}`);
  }
  return [alive, exits, gave];
}

/** Before an answer is lost its statement may have taken so long. */
const STATEMENT_MS = 500;

/** Whether it still held the event when it ended, though nothing kept it from giving it back. */
function isLeft({ who, since, leaseEnd, next }: Hold, { endedAt }: Life, file: CaseFile): boolean {
  const heldToTheEnd = since <= endedAt && leaseEnd > endedAt && (next === null || next.at > endedAt);
  const span = { from: since - STATEMENT_MS, to: endedAt };
  return heldToTheEnd && !file.wasCutOff(who, span) && !file.wasStopped(who, span);
}
