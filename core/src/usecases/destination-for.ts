import type { Destination } from "../destinations/destination.js";
import type { DestinationInput } from "../destinations/parse-destination.js";
import { InvalidInput } from "../errors.js";
import type { Ids } from "../ports/ids.js";
import type { Transaction } from "../ports/unit-of-work.js";
import type { Target, Targets } from "../schedules/parse-schedule.js";
import type { Schedule } from "../schedules/schedule.js";

export interface DestinationForContext {
  readonly transaction: Transaction;
  readonly tenant: string;
  readonly ids: Ids;
}

/** The destinations of a schedule, by their ids. */
export type Destinations = Pick<Schedule, "destinationId" | "onSuccess" | "onFailure">;

/** The destinations that a schedule names, and those for the URLs that stand in it, made if need be. */
export async function destinationsFor(
  { destination, onSuccess, onFailure }: Targets & { readonly destination: Target },
  context: DestinationForContext,
): Promise<Destinations> {
  return {
    destinationId: await destinationFor(destination, context),
    onSuccess: onSuccess === null ? null : await destinationFor(onSuccess, context, "/onSuccess"),
    onFailure: onFailure === null ? null : await destinationFor(onFailure, context, "/onFailure"),
  };
}

export async function destinationFor(
  target: Target,
  { transaction, tenant, ids }: DestinationForContext,
  pointer = "",
): Promise<string> {
  const { destinations, now } = transaction;
  if ("id" in target) {
    if ((await destinations.get(target.id)) !== null) return target.id;
    const message = `No destination has the id ${target.id}`;
    throw new InvalidInput([{ pointer: `${pointer}/destinationId`, code: "destination_not_found", message }]);
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
    secrets: [],
    enabled: true,
    disabledBecause: null,
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
}
