import type { Stats } from "@punctual/core";

export function statsView({ at, open, finished: { seconds, byState }, lateness, upcoming, destinations }: Stats) {
  const { oldestDueAt, ...counts } = open;
  const { COMPLETED: completed, FAILED: failed, CANCELLED: cancelled, SKIPPED: skipped } = byState;
  const perSecond = (completed + failed + cancelled + skipped) / seconds;
  return {
    at,
    open: { ...counts, ...(oldestDueAt !== null && { oldestDueAt }) },
    finished: { seconds, completed, failed, cancelled, skipped, perSecond },
    lateness,
    upcoming,
    destinations,
  };
}
