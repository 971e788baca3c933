import { readOverlap, readSecret, rotated } from "../destinations/secrets.js";
import { Fields } from "../input/fields.js";
import type { Ids } from "../ports/ids.js";
import type { UnitOfWork } from "../ports/unit-of-work.js";
import type { Vault } from "../ports/vault.js";
import { liveDestination } from "./live-destination.js";
import { sealedSecret, type WithSecret } from "./create-destination.js";

export interface RotateSecretDeps {
  readonly unitOfWork: UnitOfWork;
  readonly ids: Ids;
  readonly vault: Vault;
}

export interface RotateSecretRequest {
  readonly tenant: string;
  readonly id: string;
  /** `{"overlap"?: "P1D", "secret"?: "whsec_…"}`. */
  readonly input: unknown;
  readonly actor: string;
  readonly note?: string;
}

/** Gives a destination a new secret. The one before signs beside it for as long as the overlap, so that no request fails. */
export class RotateSecret {
  readonly #deps: RotateSecretDeps;

  constructor(deps: RotateSecretDeps) {
    this.#deps = deps;
  }

  async run({ tenant, id, input, actor, note }: RotateSecretRequest): Promise<WithSecret> {
    const { unitOfWork, ids, vault } = this.#deps;
    const fields = Fields.of(input);
    const given = readSecret(fields);
    const overlapMs = readOverlap(fields);
    fields.refuseUnknown();
    fields.finish();
    const { secret, sealed } = await sealedSecret(given, id, vault);
    const destination = await unitOfWork.run(tenant, async ({ destinations, audit, now }) => {
      const before = await liveDestination(destinations, id);
      const fresh = { id: ids.next(), sealed, createdAt: now, expiresAt: null };
      const secrets = rotated(before, fresh, overlapMs, now);
      const changed = { ...before, secrets, revision: before.revision + 1, updatedAt: now };
      await destinations.save(changed);
      await audit.record({ action: "destination.secret_rotated", subject: id, actor, note: note ?? null });
      return changed;
    });
    return { destination, secret };
  }
}
