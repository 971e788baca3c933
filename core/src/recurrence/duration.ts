import { DAY, HOUR, MINUTE, SECOND } from "./wall.js";

const DURATION_TEXT =
  /^P(?:(\d{1,5})W|(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10})(?:\.(\d{1,3}))?S)?)?)$/;

/**
 * Milliseconds of an ISO 8601 duration; null for what is none. A day is 24 hours; years and months have no fixed length
 * and are refused.
 */
export function parseDuration(text: string): number | null {
  if (text.length > 40 || text.endsWith("T")) return null;
  const parts = DURATION_TEXT.exec(text);
  if (parts === null || text === "P") return null;
  const [weeks, days, hours, minutes, seconds] = [1, 2, 3, 4, 5].map((index) => Number(parts[index] ?? 0));
  const fraction = Number((parts[6] ?? "").padEnd(3, "0"));
  return (
    (weeks ?? 0) * 7 * DAY +
    (days ?? 0) * DAY +
    (hours ?? 0) * HOUR +
    (minutes ?? 0) * MINUTE +
    (seconds ?? 0) * SECOND +
    fraction
  );
}

/** `PT1H30M`: the shortest spelling in days, hours, minutes and seconds. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "PT0S";
  const days = Math.floor(ms / DAY);
  const rest = ms % DAY;
  const parts = [
    [Math.floor(rest / HOUR), "H"],
    [Math.floor((rest % HOUR) / MINUTE), "M"],
    [(rest % MINUTE) / SECOND, "S"],
  ] as const;
  const time = parts.map(([value, unit]) => (value === 0 ? "" : `${value}${unit}`)).join("");
  return `P${days === 0 ? "" : `${days}D`}${time === "" ? "" : `T${time}`}`;
}
