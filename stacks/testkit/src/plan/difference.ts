import { diff } from "node:util";

const IS_VALUE = /^ *\. /;

/** The lines by which two golden texts differ, each below the resource that it is of; nothing if they are the same. */
export function difference(before: string, after: string): readonly string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  if (before === after) return [];
  let place = "";
  let told = "";
  const lines: string[] = [];
  for (const [sign, line] of diff(old, now)) {
    if (!IS_VALUE.test(line)) place = line.trim();
    if (sign === 0) continue;
    if (IS_VALUE.test(line) && told !== place) lines.push(`  ${place}`);
    told = place;
    lines.push(`${sign > 0 ? "-" : "+"} ${line.trim()}`);
  }
  return lines;
}
