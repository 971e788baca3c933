import type { Balancer } from "./balancer.js";

/** What the API says of a window of time. */
export interface Reconciled {
  readonly expected: number;
  readonly delivered: number;
  readonly missing: number;
  readonly unexpected: number;
  readonly difference: number;
}

interface Part {
  readonly expected: number;
  readonly delivered: number;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly difference: number;
  readonly nextCursor?: string;
}

/** The sum of all parts, as `punctual reconcile` adds them up. */
export async function reconciled(balancer: Balancer, from: number, to: number): Promise<Reconciled> {
  const sum = { expected: 0, delivered: 0, missing: 0, unexpected: 0, difference: 0 };
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString(), limit: "5000" },
      ...(cursor !== undefined && { cursor }),
    });
    const answer = await balancer.ask({ method: "GET", path: `/v1/reconcile?${query.toString()}` });
    if (answer?.status !== 200) throw new Error(`Not reconciled: ${answer?.body ?? "no answer"}`);
    const part = JSON.parse(answer.body) as Part;
    sum.expected += part.expected;
    sum.delivered += part.delivered;
    sum.missing += part.missing.length;
    sum.unexpected += part.unexpected.length;
    sum.difference += part.difference;
    cursor = part.nextCursor;
  } while (cursor !== undefined);
  return sum;
}
