import type { Received } from "@punctual/adapter-sdk";
import type { DeliverEvents } from "@punctual/core";
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Handler } from "../http/service.js";
import type { OpenCloudTasks } from "./open-cloud-tasks.js";

/** A task as it was pushed. */
export function taskIn(headers: IncomingHttpHeaders, body: string): Received {
  const { "x-cloudtasks-taskname": name, traceparent } = headers;
  return {
    id: typeof name === "string" ? name : "",
    body,
    // Of this pushing alone: the same task may be here twice, where an answer was late.
    receipt: randomUUID(),
    attributes: typeof traceparent === "string" ? { traceparent } : {},
  };
}

export interface TaskRouteDeps {
  readonly tasks: Pick<OpenCloudTasks, "work">;
  readonly deliver: Pick<DeliverEvents, "handle">;
}

const ACK = { status: 204 };
/** For 429 and 503 Cloud Tasks would slow the whole queue down; by all others but 2xx the task comes again. */
const NACK = { status: 409, body: { code: "again" } };

/** Delivers what a task is about; one that nobody can read is told of, and forgotten. */
export function taskRoute({ tasks, deliver }: TaskRouteDeps): Handler {
  return async ({ headers, body, stopping }) => {
    const verdict = await tasks.work(taskIn(headers, body), (messages) => deliver.handle(messages, stopping));
    return verdict === "ack" ? ACK : NACK;
  };
}
