import { UNKNOWN } from "@punctual/stack-testkit";

// Inputs are whatever a program has given. What is not known yet is no reason to complain: it is asked again when it is.

/** What is at `target.retryPolicy.maximumRetryAttempts` or `rules.0.action`; `UNKNOWN` where something on the way is. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const step of path.split(".")) {
    if (here === UNKNOWN) return UNKNOWN;
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[step];
  }
  return here;
}

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** Whether it is not known yet, or something in it is not. */
export function isUncertain(value: unknown): boolean {
  return textsIn(value).includes(UNKNOWN);
}

/** Whether a list is without one of these, as far as anybody knows. */
export function lacks(value: unknown, ...wanted: readonly string[]): boolean {
  return !isUncertain(value) && wanted.some((one) => !listOf(value).includes(one));
}

/** Whether it is none of these, as far as anybody knows. */
export function isNot(value: unknown, ...wanted: readonly unknown[]): boolean {
  return !isUnknown(value) && !wanted.includes(value);
}

/** Whether nothing was given. */
export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
}

/** Whether it is less, or no number at all. */
export function isBelow(value: unknown, least: number): boolean {
  return !isUnknown(value) && !(Number(value) >= least);
}

export function isAbove(value: unknown, most: number): boolean {
  return !isUnknown(value) && Number(value) > most;
}

/** A text that is known. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && !isUnknown(value) ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** One, or many, as documents of AWS have it. */
export function oneOrMore(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** What a text of JSON says; what is no text already says it. */
export function jsonOf(value: unknown): unknown {
  if (typeof value !== "string" || isUnknown(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

/** Every text in it, however deep. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return entriesOf(value).flatMap(([, part]) => textsIn(part));
}

/** `90s`, as Google writes it. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(textOf(value) ?? "") ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
