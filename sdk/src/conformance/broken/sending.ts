import type { Message, MessageVerdict } from "@punctual/core";
import { ACK, type BrokenTransport, aborted, broken, changing, never, reported, sending } from "./broken-transport.js";
import { memoryHarness } from "../memory-harness.js";

/** Wrong in what they accept, refuse and keep. */
export const BROKEN_SENDING: readonly BrokenTransport[] = [
  broken(
    "loses a message",
    "T1.1",
    changing((message) => (message.eventId.endsWith("3") ? null : message)),
  ),
  broken(
    "delivers what it refused",
    "T1.4",
    sending(async (messages, service, clock) => {
      const report = await service.send(messages);
      await service.send(
        report.refused.map(({ message }) => ({ ...message, notBefore: clock.now(), traceparent: "" })),
      );
      return report;
    }),
  ),
  broken("does not see what arrives while it waits", "T1.2", (service, clock) => ({
    consume: async (options, handle, signal) => {
      while (!signal.aborted) {
        for (const received of service.receive(options.maxBatch)) {
          received.settle((await handle([received.message])[0]) ?? ACK);
        }
        await clock.sleep(20_000, signal);
      }
    },
  })),
  broken(
    "refuses a batch for one bad message",
    "T2.2",
    sending(async (messages, service, clock) => {
      const bad = messages.some(({ traceparent = "", notBefore }) => {
        return traceparent.length > 1_000 || notBefore.getTime() > clock.now().getTime() + 900_000;
      });
      return bad
        ? { accepted: [], refused: messages.map((message) => ({ message, reason: "bad batch" })) }
        : service.send(messages);
    }),
  ),
  broken(
    "throws for one bad message",
    "T2.2",
    sending(async (messages, service) => {
      if (messages.some(({ traceparent = "" }) => traceparent.length > 1_000)) throw new Error("BatchTooLong");
      return service.send(messages);
    }),
  ),
  broken(
    "forgets a refused message in its report",
    "T2.2",
    sending(async (messages, service) => ({ accepted: (await service.send(messages)).accepted, refused: [] })),
  ),
  broken("accepts before anything is durable", "T1.3", (service, clock, crashed) => ({
    // Its buffer is gone with its process.
    send: async (messages) => {
      void clock.sleep(50).then(() => (crashed.aborted ? null : service.send(messages)));
      return { accepted: messages, refused: [] };
    },
  })),
  broken(
    "never answers",
    "T1.1",
    sending(async () => never),
  ),
  broken(
    "takes a refusal for that of a neighbour",
    "T2.4",
    sending(async (messages, service) => {
      const { refused } = await service.send(messages);
      const wrong = new Set(refused.map(({ message }) => messages[(messages.indexOf(message) + 1) % messages.length]));
      return {
        accepted: messages.filter((message) => !wrong.has(message)),
        refused: messages.filter((message) => wrong.has(message)).map((message) => ({ message, reason: "too large" })),
      };
    }),
  ),
  broken("drops what it was given shortly before it is stopped", "T7.1", (service, _, crashed) => ({
    consume: async (options, handle, signal) => {
      const stopped = AbortSignal.any([signal, crashed]);
      const drop = (verdict: Promise<MessageVerdict>) => Promise.race([verdict, aborted(stopped).then(() => ACK)]);
      await service.consume(options, (batch) => handle(batch).map(drop), signal);
    },
  })),
  broken(
    "counts characters where bytes are counted",
    "T6.3",
    sending(async (messages, service) => {
      const bytes = ({ tenant }: Message) => new TextEncoder().encode(tenant).length;
      if (messages.some((message) => bytes(message) > 262_144)) throw new Error("The request is too large");
      return service.send(messages);
    }),
  ),
  broken("keeps the object that it was given", "T6.4", (service) => {
    const sent = new Map<string, Message>();
    return {
      send: async (messages) => {
        for (const message of messages) sent.set(message.eventId, message);
        return service.send(messages);
      },
      consume: (options, handle, signal) =>
        service.consume(
          options,
          (batch) => handle(batch.map((message) => sent.get(message.eventId) ?? message)),
          signal,
        ),
    };
  }),
  broken(
    "does not hear that a sending is aborted",
    "T10.1",
    sending(async (messages, service, clock) => {
      await clock.sleep(1_000);
      return service.send(messages);
    }),
  ),
  broken("delivers what it refused for an abort", "T10.1", (service) => ({
    send: async (messages, signal) => {
      const report = await service.send(messages);
      if (signal?.aborted !== true) return report;
      return { accepted: [], refused: messages.map((message) => ({ message, reason: "aborted" })) };
    },
  })),
  broken(
    "says that it keeps an order, and does not",
    "T11.1",
    sending(async (messages, service) => reported(messages, await service.send(messages.toReversed()))),
    { ordering: "total" },
  ),
  broken(
    "mixes up the messages of a schedule",
    "T11.2",
    (service, clock) => {
      let sent = 0;
      return sending(async (messages) => {
        // Every fifth is held back for a moment.
        const held = messages.map((message) =>
          ++sent % 5 === 0 ? { ...message, notBefore: new Date(clock.now().getTime() + 20) } : message,
        );
        return reported(messages, await service.send(held));
      })(service, clock, new AbortController().signal);
    },
    { ordering: "per_schedule" },
  ),
  broken(
    "cannot send nothing",
    "T2.1",
    sending(async (messages, service) => {
      if (messages.length === 0) throw new Error("EmptyBatchRequest");
      return service.send(messages);
    }),
  ),
  broken(
    "refuses a batch for one message that is too far ahead",
    "T2.3",
    sending(async (messages, service, clock) => {
      const latest = clock.now().getTime() + 900_000;
      if (messages.every(({ notBefore }) => notBefore.getTime() <= latest)) return service.send(messages);
      return { accepted: [], refused: messages.map((message) => ({ message, reason: "bad batch" })) };
    }),
  ),
  broken(
    "keeps the signal of a sending to itself",
    "T10.2",
    sending((messages, service) => service.send(messages)),
  ),
  {
    title: "can do more than it says",
    caughtBy: "T0.1",
    harness: { ...memoryHarness(), capabilities: { ...memoryHarness().capabilities, maxBatch: 1 } },
  },
];
