import { defineEntity, p } from "@mikro-orm/core";
import type { Breaker, PlacesState, RateState } from "@punctual/core";

/** Written and read by statements of their own; they stand here so that the schema is one. */
export const DestinationGateEntity = defineEntity({
  name: "DestinationGate",
  tableName: "destination_gates",
  properties: {
    id: p.text().primary(),
    breaker: p.json<Breaker>().columnType("json").nullable(),
    rate: p.json<RateState>().columnType("json").nullable(),
    places: p.json<PlacesState>().columnType("json").nullable(),
  },
});

export const GateLeaseEntity = defineEntity({
  name: "GateLease",
  tableName: "gate_leases",
  properties: {
    gate: p.text().primary(),
    eventId: p.text().primary(),
    endsAt: p.datetime(3),
  },
});
