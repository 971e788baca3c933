import { printable, type Terminal } from "./terminal.js";

export type Cell = string | number | null | undefined;

/** Rows under headings, as wide as they need to be. */
export function tableOf(headings: readonly string[], rows: readonly (readonly Cell[])[], terminal: Terminal): string {
  const texts = rows.map((row) => headings.map((_, index) => textOf(row[index])));
  const widths = headings.map((heading, index) =>
    texts.reduce((widest, row) => Math.max(widest, (row[index] ?? "").length), heading.length),
  );
  const lines = [headings, ...texts].map((row) => {
    const line = row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ");
    return line.trimEnd();
  });
  return [terminal.style("bold", lines[0] ?? ""), ...lines.slice(1)].join("\n");
}

/** Names beside values; what has none is left out. */
export function factsOf(facts: Readonly<Record<string, Cell>>, terminal: Terminal): string {
  const there = Object.entries(facts).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const width = there.reduce((widest, [name]) => Math.max(widest, name.length), 0);
  return there.map(([name, value]) => `${terminal.style("dim", name.padEnd(width))}  ${textOf(value)}`).join("\n");
}

function textOf(cell: Cell): string {
  return printable(String(cell ?? ""));
}
