import type { CaseFile } from "./case-file.js";
import type { AuditRow } from "./evidence.js";
import { TIMES } from "./orders.js";
import { Verdict } from "./verdict.js";

/** Every change of every event, in its order: claims one after the other, and nothing by whom no claim allows it. */
export function checkFences(file: CaseFile): readonly Verdict[] {
  const verdicts: Fences = {
    rise: new Verdict("fences rise by one with each claim, and never else", "I2 R7"),
    lease: new Verdict("no claim while another runs", "I1"),
    early: new Verdict("no claim and no begin too early", "I8 R1"),
    holder: new Verdict("none but the holder of the fence changes what is held", "I3 R7"),
    once: new Verdict("each event ends once, and stays so", "R4 I6"),
  };
  for (const eventId of file.auditedIds) checkEvent(eventId, file.audit(eventId), verdicts);
  const { rise, lease, early, holder, once } = verdicts;
  return [rise, lease, early, holder, once];
}

interface Fences {
  readonly rise: Verdict;
  readonly lease: Verdict;
  readonly early: Verdict;
  readonly holder: Verdict;
  readonly once: Verdict;
}

function checkEvent(eventId: string, changes: readonly AuditRow[], verdicts: Fences): void {
  let holder: string | null = null;
  let endedBy: string | null = null;
  for (const row of changes) {
    const { before, after, tx } = row;
    if (endedBy !== null && endedBy !== tx) {
      verdicts.once.check(false, () => `${eventId} had ended, and was ${row.what} by ${row.who}`);
    }
    switch (row.what) {
      case "added":
        verdicts.rise.check(after?.fence === 0, () => `${eventId} began with fence ${after?.fence}`);
        break;
      case "changed":
        if (before !== null && after !== null && checkChange(row, { before, after }, holder, verdicts))
          holder = row.who;
        break;
      case "kept":
        verdicts.once.check(endedBy === null, () => `${eventId} went into the history again, by ${row.who}`);
        endedBy = tx;
        break;
      case "removed": {
        const kept = changes.find((one) => one.what === "kept" && one.tx === tx)?.after ?? null;
        verdicts.once.check(kept !== null, () => `${eventId} was removed by ${row.who}, and nothing of it was kept`);
        if (before === null || kept === null) break;
        verdicts.rise.check(kept.fence === before.fence, () => `${eventId} ended with fence ${kept.fence}`);
        const completed = kept.state === "COMPLETED";
        const free = !completed && (before.state === "PENDING" || isOver(row));
        verdicts.holder.check(
          free || (holder === row.who && (!completed || before.begunAt !== null)),
          () => `${eventId} was ended as ${kept.state} by ${row.who}, and held by ${holder} (fence ${before.fence})`,
        );
      }
    }
  }
}

/** Whether it was a claim. */
function checkChange(
  row: AuditRow,
  { before, after }: { before: NonNullable<AuditRow["before"]>; after: NonNullable<AuditRow["after"]> },
  holder: string | null,
  { rise, lease, early, holder: held }: Fences,
): boolean {
  const { eventId, who, now } = row;
  const wakeAt = before.wakeAt ?? Infinity;
  if (after.fence !== before.fence) {
    const rises = after.fence === before.fence + 1 && after.state === "PROCESSING";
    rise.check(rises, () => `${eventId}: ${who} made fence ${before.fence} to ${after.fence}, ${after.state}`);
    lease.check(
      before.state === "PENDING" || isOver(row),
      () => `${eventId} was claimed by ${who} ${wakeAt - now} ms before the lease of ${holder} was over`,
    );
    const ahead = wakeAt === before.dueAt ? TIMES.lookAheadMs : 0;
    early.check(
      before.state !== "PENDING" || wakeAt <= now + ahead,
      () => `${eventId} was claimed by ${who} ${wakeAt - now} ms before it wanted attention`,
    );
    if (after.begunAt !== null) {
      early.check(before.dueAt <= now, () => `${eventId} was taken by ${who} ${before.dueAt - now} ms early`);
    }
    return true;
  }
  if (before.state === "PENDING") {
    rise.check(after.state === "PENDING", () => `${eventId} became ${after.state} by ${who}, with no new fence`);
    return false;
  }
  const putOff = isOver(row) && after.state === "PENDING";
  held.check(
    holder === who || putOff,
    () => `${eventId} was changed by ${who}, and held by ${holder} (fence ${before.fence})`,
  );
  if (before.begunAt === null && after.begunAt !== null) {
    early.check(before.dueAt <= now, () => `${eventId} was begun by ${who} ${before.dueAt - now} ms early`);
  }
  return false;
}

/** Whether the lease had ended, by the clock that decides it. */
function isOver({ before, now }: AuditRow): boolean {
  return before?.wakeAt !== null && before?.wakeAt !== undefined && before.wakeAt <= now;
}
