import { NotFound } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { DestinationGate } from "../ports/destination-gate.js";
import type { Ids } from "../ports/ids.js";
import type { SendResult } from "../ports/sender.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import type { Senders } from "./refuse-url.js";

export interface TestDestinationDeps {
  readonly unitOfWork: UnitOfWork;
  readonly senders: Senders;
  readonly gate: DestinationGate;
  readonly ids: Ids;
  readonly clock: Clock;
}

export interface TestDestinationRequest {
  readonly tenant: string;
  readonly id: string;
  readonly actor: string;
}

export type TestReport =
  | ({ readonly kind: "sent"; readonly requestId: string } & Omit<SendResult, "retryAfter">)
  /** Asked too often; the next may be sent so much later. */
  | { readonly kind: "later"; readonly inMs: number };

export const TEST_TYPE = "punctual.test";

/** Test requests of one destination: one at a time, and no more a second. */
const LIMITS = { ratePerSecond: 1, concurrency: 1 } as const;
const MARGIN_MS = 5_000;

/**
 * Sends a request to a destination here and now, as an event would be sent: signed, guarded, within its timeout. Also to a
 * disabled one, since that is what one tries before enabling it. Neither its own limits nor its breaker are touched.
 */
export class TestDestination {
  readonly #deps: TestDestinationDeps;

  constructor(deps: TestDestinationDeps) {
    this.#deps = deps;
  }

  async run({ tenant, id, actor }: TestDestinationRequest): Promise<TestReport> {
    const { unitOfWork, senders, gate, ids, clock } = this.#deps;
    const { destination, now } = await unitOfWork.run(tenant, async ({ destinations, now }) => ({
      destination: await destinations.get(id),
      now,
    }));
    const sender = senders.get(destination?.kind ?? "");
    if (destination === null || sender === undefined) throw new NotFound("destination", id);

    const from = clock.monotonic();
    const requestId = ids.next();
    const place = { destinationId: `${id}/test`, eventId: requestId };
    const leaseMs = destination.timeoutMs + MARGIN_MS;
    const [admission] = await gate.admit([{ ...place, ...LIMITS, leaseMs }]);
    if (admission?.kind === "later") return { kind: "later", inMs: admission.inMs };
    try {
      const body = JSON.stringify({ type: TEST_TYPE, timestamp: now.toISOString(), data: { destinationId: id } });
      const at = new Date(now.getTime() + Math.floor(clock.monotonic() - from));
      const request = { id: requestId, tenant, attempt: 1, dueAt: now, at, destination, body };
      const { durationMs, status, error, detail, timings, responseExcerpt } = await sender.send(request);
      await unitOfWork.run(tenant, async ({ audit }) =>
        audit.record({ action: "destination.tested", subject: id, actor, note: null }),
      );
      return { kind: "sent", requestId, durationMs, status, error, detail, timings, responseExcerpt };
    } finally {
      // What was sent was sent; a place that is not given back is free again when its lease ends.
      await gate.report([{ ...place, outcome: "none", durationMs: 0 }]).catch(() => undefined);
    }
  }
}
