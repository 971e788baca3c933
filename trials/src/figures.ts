/** How many of them lie within one span at most, both its ends included, wherever it begins. */
export function mostWithin(times: readonly number[], spanMs: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  let most = 0;
  let first = 0;
  for (const [index, time] of sorted.entries()) {
    while (time - (sorted[first] ?? time) > spanMs) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** How many fall into each bucket from the first time on; the empty ones between are there too. */
export function bucketsOf(times: readonly number[], widthMs: number): readonly number[] {
  if (times.length === 0) return [];
  const from = times.reduce((least, time) => Math.min(least, time), Infinity);
  const places = times.map((time) => Math.floor((time - from) / widthMs));
  const buckets: number[] = [];
  for (const place of places) buckets[place] = (buckets[place] ?? 0) + 1;
  return Array.from(buckets, (count: number | undefined) => count ?? 0);
}

/** The smallest value that so great a share of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Of two in the middle their mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const last = sorted.length - 1;
  return ((sorted[Math.floor(last / 2)] ?? Number.NaN) + (sorted[Math.ceil(last / 2)] ?? Number.NaN)) / 2;
}

/** To so many digits behind the point, for people. */
export function rounded(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
