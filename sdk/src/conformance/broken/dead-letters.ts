import type { DeadLetter } from "@punctual/core";
import { ACK, aborted, type BrokenTransport, broken, burying } from "./broken-transport.js";

/** Wrong in what becomes of what they gave up on. */
export const BROKEN_DEAD_LETTERS: readonly BrokenTransport[] = [
  broken("offers no dead letter", "T9.1", () => ({ consumeDeadLetters: (_, signal) => aborted(signal) })),
  broken("forgets why it gave up", "T9.1", (service) => ({
    consumeDeadLetters: (handle, signal) =>
      service.consumeDeadLetters((letters) => handle(letters.map((one) => ({ ...one, reason: "" }))), signal),
  })),
  broken(
    "forgets a dead letter on which its handler failed",
    "T9.1",
    burying((verdict) => verdict.catch(() => ACK)),
  ),
  broken(
    "offers for ever what was acknowledged among the dead letters",
    "T9.1",
    burying(async (verdict) => ((await verdict).kind === "ack" ? { kind: "retry", inMs: 500 } : verdict)),
  ),
  broken(
    "drops what is rejected among the dead letters",
    "T9.3",
    burying(async (verdict) => ((await verdict).kind === "reject" ? ACK : verdict)),
  ),
  broken(
    "offers again what is rejected among the dead letters",
    "T9.3",
    burying(async (verdict) => ((await verdict).kind === "reject" ? { kind: "retry", inMs: 500 } : verdict)),
  ),
  broken(
    "asks about a dead letter again at once",
    "T9.4",
    burying(async (verdict) => ((await verdict).kind === "retry" ? { kind: "retry", inMs: 0 } : verdict)),
  ),
  broken(
    "drops what it cannot read",
    "T9.5",
    burying(async (verdict, { message }) => (message === null ? ACK : verdict)),
  ),
  broken("waits for nobody among the dead letters when it is aborted", "T9.6", (service) => ({
    consumeDeadLetters: (handle, signal) => Promise.race([service.consumeDeadLetters(handle, signal), aborted(signal)]),
  })),
  broken("takes dead letters after the abort", "T9.6", (service, clock) => ({
    consumeDeadLetters: async (handle, signal) => {
      const late = new AbortController();
      void aborted(signal).then(async () => {
        await clock.sleep(150);
        late.abort();
      });
      await service.consumeDeadLetters(handle, late.signal);
    },
  })),
  broken("says nothing of why it gave up on what was tried too often", "T9.2", (service) => ({
    consumeDeadLetters: (handle, signal) => {
      const told = ({ reason, message }: DeadLetter) => ({
        message,
        reason: reason.startsWith("received") ? "" : reason,
      });
      return service.consumeDeadLetters((letters) => handle(letters.map(told)), signal);
    },
  })),
];
