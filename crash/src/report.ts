import type { Evidence } from "./evidence.js";
import { PLACES, SHAPES, TIMES } from "./orders.js";
import { quantile, type Waits } from "./recovery.js";
import type { MatrixReport } from "./run-matrix.js";

/** What never came up was not tried: the names of such cases. */
export function neverSeen(report: MatrixReport): readonly string[] {
  const cases = { ...killsByPlace(report.evidence), ...report.deeds, ...sometimes(report) };
  return Object.entries(cases)
    .filter(([, count]) => count === 0)
    .map(([name]) => name);
}

export function violations({ verdicts }: MatrixReport): number {
  return verdicts.reduce((sum, { violated }) => sum + violated, 0);
}

export function linesOf(report: MatrixReport): readonly string[] {
  const { evidence, verdicts, recovery, requests, deeds, stormMs, drainMs } = report;
  const starts = evidence.lives.flatMap(({ startedAt, readyAt }) => (readyAt === null ? [] : [readyAt - startedAt]));
  const lines = [
    ...table("Kills by failpoint", killsByPlace(evidence)),
    ...table("Deeds of the nemesis", deeds),
    ...table("Seen", sometimes(report)),
    "",
    "Checked                                                              times  violated",
  ];
  for (const { name, promises, checked, violated } of verdicts) {
    lines.push(
      `  ${`${name} (${promises})`.padEnd(62)}${String(checked).padStart(10)}${String(violated).padStart(10)}`,
    );
  }
  for (const { name, violations } of verdicts) {
    if (violations.length > 0) lines.push("", `${name}:`, ...violations.map((one) => `  ${one}`));
  }
  lines.push(
    "",
    recoveryLine("amid all else", recovery.storm),
    recoveryLine("killed alone", recovery.alone),
    `${requests.sentByStopped} requests by a process that had been stopped after its last look at its lease`,
    `Start of a victim: p50 ${quantile(starts, 0.5)} ms, p95 ${quantile(starts, 0.95)} ms`,
    `Storm ${Math.round(stormMs / 1_000)} s, drain ${Math.round(drainMs / 1_000)} s, ${evidence.lives.length} processes, ` +
      `${evidence.rows.length} events, ${evidence.requests.length} requests, ${evidence.attempts.length} attempts`,
  );
  return lines;
}

function recoveryLine(when: string, { events, p95, max, p95Beyond, maxBeyond }: Waits): string {
  const { leaseMs, pollMs } = TIMES;
  const target = `target: lease ${leaseMs} ms + 2 polls of ${pollMs} ms, ${p95Beyond <= 2 * pollMs ? "met" : "not met"}`;
  return (
    `Recovery of ${events} events of the killed, ${when}: p95 ${p95} ms, max ${max} ms; ` +
    `beyond the lease p95 ${p95Beyond} ms, max ${maxBeyond} ms (${target})`
  );
}

function killsByPlace({ lives }: Evidence): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const place of new Set(SHAPES.flatMap((shape) => PLACES[shape]))) counts[place] = 0;
  for (const { end } of lives) if (end.kind === "failpoint") counts[end.place] = (counts[end.place] ?? 0) + 1;
  return counts;
}

function sometimes({ evidence, requests }: MatrixReport): Readonly<Record<string, number>> {
  const { lives, attempts, audit, rows } = evidence;
  const count = <T>(items: readonly T[], wanted: (item: T) => boolean) => items.filter(wanted).length;
  return {
    "lost claims, told to a late worker": lives.reduce((sum, { lost }) => sum + lost, 0),
    "claims of an event whose lease had ended": count(
      audit,
      ({ before, after }) => before?.state === "PROCESSING" && after !== null && after.fence > before.fence,
    ),
    "attempts of which nothing was heard": count(attempts, ({ error }) => error === "unknown"),
    "second requests after such an attempt": requests.duplicatesAfterUnknown,
    "second requests after a failed attempt": requests.duplicatesAfterFailure,
    "events that were skipped": count(rows, ({ state }) => state === "SKIPPED"),
    "events that failed": count(rows, ({ state }) => state === "FAILED"),
    "drained by SIGTERM": count(lives, ({ end, readyAt }) => end.kind === "SIGTERM" && readyAt !== null),
  };
}

function table(title: string, counts: Readonly<Record<string, number>>): readonly string[] {
  return [
    "",
    title,
    ...Object.entries(counts).map(([name, count]) => `  ${name.padEnd(42)}${String(count).padStart(8)}`),
  ];
}
