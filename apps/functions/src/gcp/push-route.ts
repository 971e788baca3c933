import type { Handler, PushAnswer, PushHandler } from "@punctual/adapter-gcp/wiring";

/** By which Pub/Sub forgets a message, or pushes it again. */
const STATUS: Readonly<Record<PushAnswer, number>> = { ack: 204, nack: 503, malformed: 400 };

/** Answers one push. */
export function pushRoute(push: PushHandler): Handler {
  return async ({ json, stopping }) => ({ status: STATUS[await push(json(), stopping)] });
}
