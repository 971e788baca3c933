import type { Destination } from "../destinations/destination.js";
import type { DestinationInput } from "../destinations/parse-destination.js";
import { InvalidInput } from "../errors.js";
import type { Ids } from "../ports/ids.js";
import type { Transaction } from "../ports/unit-of-work.js";
import type { ScheduleInput } from "../schedules/parse-schedule.js";

export interface DestinationForContext {
  readonly transaction: Transaction;
  readonly tenant: string;
  readonly ids: Ids;
}

/** The id of the destination that a schedule names, or of the one for the URL that stands in it, made if need be. */
export async function destinationFor(
  target: ScheduleInput["destination"],
  { transaction, tenant, ids }: DestinationForContext,
): Promise<string> {
  const { destinations, now } = transaction;
  if ("id" in target) {
    if ((await destinations.get(target.id)) !== null) return target.id;
    const message = `No destination has the id ${target.id}`;
    throw new InvalidInput([{ pointer: "/destinationId", code: "destination_not_found", message }]);
  }
  const known = await destinations.findInline(target.inline);
  if (known !== null) return known.id;
  const destination = newDestination(target.inline, { id: ids.next(), tenant, now, inline: true });
  await destinations.add(destination);
  return destination.id;
}

export function newDestination(
  input: DestinationInput,
  facts: { readonly id: string; readonly tenant: string; readonly now: Date; readonly inline: boolean },
): Destination {
  const { id, tenant, now, inline } = facts;
  return {
    ...input,
    id,
    tenant,
    inline,
    enabled: true,
    disabledBecause: null,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
}
