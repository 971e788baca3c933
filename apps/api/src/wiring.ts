import { Recurrence } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import type { Container } from "inversify";
import type { UseCaseDeps } from "./use-cases.js";
import { type Greetings, greetingsTo } from "./variables.js";

/** What the API's use cases need of a container; `inbox`: where greetings go if nobody said so. */
export function useCaseDepsIn(container: Container, greetings: Greetings, inbox: string | null = null): UseCaseDeps {
  const { time } = greetings;
  return {
    unitOfWork: container.get(ports.unitOfWork),
    recurrence: new Recurrence(container.get(ports.zones)),
    ids: container.get(ports.ids),
    senders: container.get(ports.senders),
    vault: container.get(ports.vault),
    gate: container.get(ports.gate),
    clock: container.get(ports.clock),
    rng: container.get(ports.rng),
    signatures: container.get(ports.signatures),
    greetings: greetingsTo(greetings, inbox),
    ...(time !== null && { greetingTime: time }),
  };
}
