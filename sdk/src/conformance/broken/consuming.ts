import type { Message, MessageVerdict } from "@punctual/core";
import { ACK, aborted, type BrokenTransport, broken, changing, handing, judging, never } from "./broken-transport.js";

/** Wrong in what they offer, when, and what they make of a verdict. */
export const BROKEN_CONSUMING: readonly BrokenTransport[] = [
  broken("acknowledges before the verdict", "T3.1", (service) => ({
    consume: (options, handle, signal) =>
      service.consume(
        options,
        (messages) => {
          for (const verdict of handle(messages)) verdict.catch(() => undefined);
          return messages.map(async () => ACK);
        },
        signal,
      ),
  })),
  broken(
    "never acknowledges",
    "T3.2",
    judging((verdict) => (verdict.kind === "ack" ? never : verdict)),
  ),
  broken("acknowledges what its handler failed on", "T3.1", (service) => ({
    consume: (options, handle, signal) =>
      service.consume(options, (batch) => handle(batch).map((verdict) => verdict.catch(() => ACK)), signal),
  })),
  broken(
    "waits for the slowest of a batch",
    "T3.3",
    judging(async (verdict, batch) => batch.then(() => verdict)),
  ),
  broken("serves one consumer alone", "T3.4", (service) => {
    let turn: Promise<void> = Promise.resolve();
    return { consume: (...all) => (turn = turn.then(() => service.consume(...all))) };
  }),
  broken(
    "drops what was rejected",
    "T3.5",
    judging((verdict) => (verdict.kind === "reject" ? ACK : verdict)),
  ),
  broken(
    "offers again what was rejected",
    "T3.5",
    judging((verdict) => (verdict.kind === "reject" ? { kind: "retry", inMs: 0 } : verdict)),
  ),
  broken("drops what was tried too often", "T3.6", (service) => {
    const times = new Map<string, number>();
    return {
      consume: (options, handle, signal) =>
        service.consume(
          options,
          (batch) =>
            handle(batch).map(async (verdict, index) => {
              const { eventId = "" } = batch[index] ?? {};
              times.set(eventId, (times.get(eventId) ?? 0) + 1);
              return times.get(eventId) === 3 ? ACK : verdict;
            }),
          signal,
        ),
    };
  }),
  broken(
    "delivers at once",
    "T4.1",
    changing((message, clock) => ({ ...message, notBefore: clock.now() })),
  ),
  broken(
    "delays by whole seconds, rounded down",
    "T4.1",
    changing((message, clock) => {
      const delay = Math.floor((message.notBefore.getTime() - clock.now().getTime()) / 1_000);
      return { ...message, notBefore: new Date(clock.now().getTime() + delay * 1_000) };
    }),
  ),
  broken(
    "retries at once",
    "T5.1",
    judging((verdict) => (verdict.kind === "retry" ? { ...verdict, inMs: 0 } : verdict)),
  ),
  broken(
    "retries when the visibility ends, however long was asked",
    "T5.1",
    judging((verdict) => (verdict.kind === "retry" ? { ...verdict, inMs: Math.min(verdict.inMs, 10_000) } : verdict)),
  ),
  broken(
    "retries a batch for one of its messages",
    "T5.1",
    judging(async (verdict, batch) => (await batch).find(({ kind }) => kind === "retry") ?? verdict),
  ),
  broken(
    "keeps times in whole seconds",
    "T6.1",
    handing((message) => ({ ...message, dueAt: new Date(Math.floor(message.dueAt.getTime() / 1_000) * 1_000) })),
  ),
  broken(
    "keeps times as text",
    "T6.1",
    handing((message) => JSON.parse(JSON.stringify(message)) as Message),
  ),
  broken(
    "forgets the trace",
    "T6.1",
    handing(({ traceparent: _, ...message }) => message),
  ),
  broken(
    "adds what was left out",
    "T6.1",
    handing((message) => ({ traceparent: undefined, ...message })),
  ),
  broken(
    "escapes what needs no escape",
    "T6.1",
    handing((message) => ({ ...message, tenant: encodeURI(message.tenant) })),
  ),
  broken("hands out another message the second time", "T6.2", (service, clock, crashed) => {
    const seen = new Set<string>();
    const change = (message: Message) => {
      const again = seen.has(message.eventId);
      seen.add(message.eventId);
      return again ? { ...message, fence: message.fence + 1 } : message;
    };
    return handing(change)(service, clock, crashed);
  }),
  broken("fetches on after the abort", "T7.1", (service, clock) => ({
    consume: async (options, handle, signal) => {
      const late = new AbortController();
      void aborted(signal).then(async () => {
        await clock.sleep(150);
        late.abort();
      });
      await service.consume(options, handle, late.signal);
    },
  })),
  broken("returns before what is under way is done", "T7.1", (service) => ({
    consume: (options, handle, signal) => Promise.race([service.consume(options, handle, signal), aborted(signal)]),
  })),
  broken("drops the verdicts that come after the abort", "T7.1", (service) => ({
    consume: async (options, handle, signal) => {
      const late = (verdict: MessageVerdict) => {
        if (signal.aborted) throw new Error("aborted");
        return verdict;
      };
      await service.consume(options, (batch) => handle(batch).map((verdict) => verdict.then(late)), signal);
    },
  })),
  broken("waits for one more message after the abort", "T7.2", (service) => ({
    consume: async (options, handle, signal) => {
      const late = new AbortController();
      const take = (batch: readonly Message[]) => {
        if (signal.aborted) late.abort();
        return handle(batch);
      };
      await service.consume(options, take, late.signal);
    },
  })),
  broken("takes as many as it gets", "T8.1", (service) => ({
    consume: (options, handle, signal) => service.consume({ ...options, maxInFlight: 1_000 }, handle, signal),
  })),
  broken("takes batches as large as it likes", "T8.1", (service) => ({
    consume: (options, ...rest) => service.consume({ ...options, maxBatch: 100 }, ...rest),
  })),
  broken("works one by one", "T8.2", (service) => ({
    consume: (options, ...rest) => service.consume({ ...options, maxInFlight: 1 }, ...rest),
  })),
  broken("hands one object to two handlers", "T6.4", (service, clock, crashed) => {
    const objects = new Map<string, Message>();
    return handing((message) => {
      const first = objects.get(message.eventId) ?? message;
      objects.set(message.eventId, first);
      return first;
    })(service, clock, crashed);
  }),
  broken("takes the verdict on one copy for both", "T3.7", (service) => {
    const acked = new Set<string>();
    return {
      consume: (options, handle, signal) =>
        service.consume(
          options,
          (batch) =>
            handle(batch).map(async (verdict, index) => {
              const { eventId = "" } = batch[index] ?? {};
              const { kind } = await verdict;
              if (kind === "ack") acked.add(eventId);
              return acked.has(eventId) ? ACK : verdict;
            }),
          signal,
        ),
    };
  }),
  broken("lets an old receipt acknowledge what somebody else has by now", "T3.8", (service) => {
    const acked = new Set<string>();
    return {
      consume: (options, handle, signal) =>
        service.consume(
          options,
          (batch) =>
            handle(batch).map((verdict, index) => {
              const { eventId = "" } = batch[index] ?? {};
              void verdict.then(
                ({ kind }) => kind === "ack" && acked.add(eventId),
                () => undefined,
              );
              return verdict.catch((error: unknown) => {
                if (acked.has(eventId)) return ACK;
                throw error;
              });
            }),
          signal,
        ),
    };
  }),
  broken(
    "holds nothing longer than five seconds",
    "T4.2",
    changing((message, clock) => {
      const latest = clock.now().getTime() + 5_000;
      return { ...message, notBefore: new Date(Math.min(message.notBefore.getTime(), latest)) };
    }),
  ),
  broken(
    "pauses before it tries again, whatever was asked",
    "T5.2",
    judging((verdict) => (verdict.kind === "retry" ? { ...verdict, inMs: Math.max(verdict.inMs, 1_000) } : verdict)),
  ),
  broken("keeps what is given back by a consumer that ends until it would be offered anyway", "T5.3", (service) => ({
    consume: (options, handle, signal) =>
      service.consume(
        options,
        (batch) =>
          handle(batch).map(async (verdict) => {
            const decided = await verdict;
            return signal.aborted && decided.kind === "retry" ? never : decided;
          }),
        signal,
      ),
  })),
  broken("looks at its signal after the first batch", "T7.3", (service) => ({
    consume: async (options, handle, signal) => {
      const stop = new AbortController();
      if (signal.aborted)
        for (const received of service.receive(1)) received.settle((await handle([received.message])[0]) ?? ACK);
      else void aborted(signal).then(() => stop.abort());
      if (!signal.aborted) await service.consume(options, handle, stop.signal);
    },
  })),
];
