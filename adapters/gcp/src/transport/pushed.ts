import type { QueueTransport, Received } from "@punctual/adapter-sdk";
import type { BuryDeadLetters, Clock, DeliverEvents } from "@punctual/core";
import { z } from "zod";

/** Without attributes Pub/Sub leaves them out, and a message without a text has no `data`. */
const PUSH = z.object({
  message: z.object({
    messageId: z.string().min(1).max(1_000),
    data: z.base64().default(""),
    attributes: z.record(z.string(), z.string()).default({}),
    publishTime: z.iso.datetime({ offset: true }),
  }),
  subscription: z.string().regex(/^projects\/[^/]+\/subscriptions\/[^/]+$/),
  deliveryAttempt: z.number().int().min(1).optional(),
});

export type Pushed =
  | {
      readonly received: Received;
      readonly subscription: string;
      /** Null where the subscription has no dead-letter policy, and so nobody counts. */
      readonly attempt: number | null;
    }
  | { readonly objection: string };

/** What a push has brought, or why it is none; the objection repeats nothing of it. */
export function pushedIn(body: unknown): Pushed {
  const { success, data: push, error } = PUSH.safeParse(body);
  if (!success) {
    const wrong = error.issues.map(({ path }) => path.map(String).slice(0, 2).join(".") || "the body");
    return { objection: `Not a push of Pub/Sub: ${[...new Set(wrong)].join(", ")}` };
  }
  const { messageId: id, data, attributes } = push.message;
  return {
    received: { id, body: Buffer.from(data, "base64").toString(), receipt: id, attributes },
    subscription: push.subscription,
    attempt: push.deliveryAttempt ?? null,
  };
}

/** What a push is to be answered: `ack` with 204, `nack` with 503, by which it comes again, and `malformed` with 400. */
export type PushAnswer = "ack" | "nack" | "malformed";

/** Works at one push. Once the signal is aborted no request to a receiver is begun any more. */
export type PushHandler = (body: unknown, signal?: AbortSignal) => Promise<PushAnswer>;

export interface PushHandlerDeps {
  readonly transport: QueueTransport;
  readonly deliver: Pick<DeliverEvents, "handle">;
  readonly clock: Clock;
  /** After so long no request is begun, so that the last one ends before the push itself is given up. */
  readonly beginMs: number;
}

/** Delivers what is pushed. What nobody can read goes to the dead letters and is acknowledged, since it would not get better. */
export function pushHandler({ transport, deliver, clock, beginMs }: PushHandlerDeps): PushHandler {
  return async (body, signal) => {
    const pushed = pushedIn(body);
    if ("objection" in pushed) return "malformed";
    const [late, over] = [new AbortController(), new AbortController()];
    const stopping = clock.sleep(beginMs, over.signal).then(() => {
      if (!over.signal.aborted) late.abort();
    });
    const stop = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
    const again = await transport.work([pushed.received], (messages) => deliver.handle(messages, stop));
    over.abort();
    await stopping;
    return again.length === 0 ? "ack" : "nack";
  };
}

export interface DeadLetterPushHandlerDeps {
  readonly transport: QueueTransport;
  readonly bury: Pick<BuryDeadLetters, "handle">;
}

/** Looks after what is pushed from among the dead letters. */
export function deadLetterPushHandler({ transport, bury }: DeadLetterPushHandlerDeps): PushHandler {
  return async (body) => {
    const pushed = pushedIn(body);
    if ("objection" in pushed) return "malformed";
    const again = await transport.workAtDeadLetters([pushed.received], (letters) => bury.handle(letters));
    return again.length === 0 ? "ack" : "nack";
  };
}
