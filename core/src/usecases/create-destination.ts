import type { Destination } from "../destinations/destination.js";
import { parseNewDestination } from "../destinations/parse-destination.js";
import type { Ids } from "../ports/ids.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import type { Vault } from "../ports/vault.js";
import { newDestination } from "./destination-for.js";
import { refuseUrl, type Senders } from "./refuse-url.js";

export interface CreateDestinationDeps {
  readonly unitOfWork: UnitOfWork;
  readonly ids: Ids;
  readonly senders: Senders;
  readonly vault: Vault;
}

export interface CreateDestinationRequest {
  readonly tenant: string;
  readonly input: unknown;
  readonly actor: string;
}

/** A destination, and its new secret: this is the only time that it is told. */
export interface WithSecret {
  readonly destination: Destination;
  readonly secret: string;
}

export class CreateDestination {
  readonly #deps: CreateDestinationDeps;

  constructor(deps: CreateDestinationDeps) {
    this.#deps = deps;
  }

  async run({ tenant, input, actor }: CreateDestinationRequest): Promise<WithSecret> {
    const { unitOfWork, ids, senders, vault } = this.#deps;
    const parsed = parseNewDestination(input);
    await refuseUrl(parsed.destination, senders);
    const id = ids.next();
    const { secret, sealed } = await sealedSecret(parsed.secret, id, vault);
    const destination = await unitOfWork.run(tenant, async ({ destinations, audit, now }) => {
      const secrets = [{ id: ids.next(), sealed, createdAt: now, expiresAt: null }];
      const made = { ...newDestination(parsed.destination, { id, tenant, now, inline: false }), secrets };
      await destinations.add(made);
      await audit.record({ action: "destination.created", subject: id, actor, note: null });
      return made;
    });
    return { destination, secret };
  }
}

/** The caller's secret, or a new one, sealed for a destination. */
export async function sealedSecret(
  given: string | undefined,
  destinationId: string,
  vault: Vault,
): Promise<{ readonly secret: string; readonly sealed: string }> {
  if (given === undefined) return vault.make(destinationId);
  return { secret: given, sealed: await vault.seal(given, destinationId) };
}
