import { rounded } from "./figures.js";
import type { WorkerReport } from "./orders.js";

/** What several workers have to say, as one. */
export function totalOf(reports: readonly WorkerReport[]): WorkerReport {
  const noted: Record<string, number> = {};
  for (const report of reports) {
    for (const [name, count] of Object.entries(report.noted)) noted[name] = (noted[name] ?? 0) + count;
  }
  const troubles = [...new Set(reports.flatMap((report) => report.troubles))];
  return { noted, troubles, stalledMs: rounded(Math.max(...reports.map(({ stalledMs }) => stalledMs))) };
}
