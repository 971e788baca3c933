import { type Estimate, linesOf } from "./estimate.js";

/** What is kept in the repository of an estimate, for whoever reviews a change to see what it costs. */
export interface Kept {
  readonly total: number;
  readonly lines: Readonly<Record<string, number>>;
}

export function keptOf(estimate: Estimate): Kept {
  const lines = linesOf(estimate)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([line, usd]) => [line, cents(usd)] as const);
  return { total: cents(estimate.total), lines: Object.fromEntries(lines.filter(([, usd]) => usd !== 0)) };
}

/** How a stack's estimate differs from what is kept of it; nothing is an empty list. */
export function differencesOf(stack: string, kept: Kept | undefined, now: Kept): readonly string[] {
  if (kept === undefined) return [`${stack} has no estimate that was checked in`];
  const names = [...new Set([...Object.keys(kept.lines), ...Object.keys(now.lines)])].toSorted();
  const lines = names.flatMap((name) => changeOf(name, kept.lines[name] ?? 0, now.lines[name] ?? 0));
  return [...lines, ...changeOf("total", kept.total, now.total)].map((line) => `${stack}: ${line}`);
}

function changeOf(name: string, before: number, now: number): readonly string[] {
  const more = cents(now - before);
  if (more === 0) return [];
  return [`${name} ${before.toFixed(2)} -> ${now.toFixed(2)} (${more > 0 ? "+" : ""}${more.toFixed(2)})`];
}

const cents = (usd: number) => Math.round(usd * 100) / 100;
