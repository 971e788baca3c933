import type { Outgoing } from "./text-queue.js";

/** What one request to a service takes. */
export interface RequestLimits {
  readonly mostTexts: number;
  readonly mostBytes: number;
  /** How many bytes a text takes in a request. */
  readonly sizeOf: (text: Outgoing) => number;
}

/** Which texts go together: as many as one request takes, in their order. One that is too large goes alone. */
export function packed(
  texts: readonly Outgoing[],
  { mostTexts, mostBytes, sizeOf }: RequestLimits,
): readonly (readonly number[])[] {
  const batches: number[][] = [];
  let bytes = 0;
  for (const [place, text] of texts.entries()) {
    const size = sizeOf(text);
    const last = batches.at(-1);
    if (last === undefined || last.length === mostTexts || bytes + size > mostBytes) {
      batches.push([place]);
      bytes = size;
    } else {
      last.push(place);
      bytes += size;
    }
  }
  return batches;
}
