import type { Destination } from "../destinations/destination.js";
import { type DestinationInput, parseDestination } from "../destinations/parse-destination.js";
import { isJsonObject } from "../input/fields.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import { liveDestination } from "./live-destination.js";
import { refuseUrl, type Senders } from "./refuse-url.js";

export interface ChangeDestinationDeps {
  readonly unitOfWork: UnitOfWork;
  readonly senders: Senders;
}

export interface ChangeDestinationRequest {
  readonly tenant: string;
  readonly id: string;
  /** The fields to change; null takes one back to its default (RFC 7396). */
  readonly patch: unknown;
  readonly actor: string;
  readonly revision?: number;
}

/** Changes where events go. It holds for every request that starts afterwards (I7). */
export class ChangeDestination {
  readonly #deps: ChangeDestinationDeps;

  constructor(deps: ChangeDestinationDeps) {
    this.#deps = deps;
  }

  async run({ tenant, id, patch, actor, revision }: ChangeDestinationRequest): Promise<Destination> {
    const { unitOfWork, senders } = this.#deps;
    // A name is looked up for this, which takes its time: it is done before the transaction that changes anything.
    const seen = await unitOfWork.run(tenant, async ({ destinations }) => liveDestination(destinations, id, revision));
    await refuseUrl(parsePatch(seen, patch), senders);
    return unitOfWork.run(tenant, async ({ destinations, audit, now }) => {
      const destination = await liveDestination(destinations, id, revision);
      const input = parsePatch(destination, patch);
      // Changed by its own id it is no longer the one that its old URL stands for.
      const changed = { ...destination, ...input, inline: false, revision: destination.revision + 1, updatedAt: now };
      await destinations.save(changed);
      await audit.record({ action: "destination.changed", subject: id, actor, note: null });
      return changed;
    });
  }
}

function parsePatch(destination: Destination, patch: unknown): DestinationInput {
  if (!isJsonObject(patch)) return parseDestination(patch);
  const { kind, url, method, headers, ratePerSecond, concurrency, timeoutMs, ackWithinMs } = destination;
  const merged = { kind, url, method, headers, ratePerSecond, concurrency, timeoutMs, ackWithinMs, ...patch };
  return parseDestination(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)));
}
