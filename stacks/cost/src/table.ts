import type { Band } from "./bands.js";
import { type Estimate, linesOf } from "./estimate.js";
import type { Usage } from "./usage.js";

/** How far an estimate is from where it should be. */
export function isWithin({ total }: Estimate, { least, most }: Band): boolean {
  return least <= total && total <= most;
}

/** What a stack costs, line by line, and what that was reckoned with. */
export function tableOf(stack: string, estimate: Estimate, band: Band): string {
  const { book, usage, total } = estimate;
  const rows = [...linesOf(estimate).map(([line, usd]) => rowOf(line, usd)), rowOf("total", total)];
  const range = `${String(band.least)} to ${String(band.most)}`;
  return [
    `${stack}, ${book.currency} a month`,
    ...rows,
    `  ${isWithin(estimate, band) ? "within" : "OUTSIDE"} ${range}`,
    `  with ${usageOf(usage)}`,
    `  prices of ${book.region}, ${book.asOf}: ${book.source}`,
  ].join("\n");
}

function rowOf(line: string, usd: number): string {
  return `  ${line.padEnd(22)}${usd.toFixed(2).padStart(9)}`;
}

function usageOf(usage: Usage): string {
  const words = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return Object.entries(usage)
    .map(([name, value]) => `${words(name)} ${typeof value === "number" ? value.toLocaleString("en") : String(value)}`)
    .join(", ");
}
