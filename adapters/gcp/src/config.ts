import { z } from "zod";

/** How messages go through Pub/Sub. */
export interface PubsubConfig {
  readonly project: string;
  readonly topic: string;
  readonly subscription: string;
  readonly deadLetterTopic: string;
  readonly deadLetterSubscription: string;
  /** Where dead letters go that nobody can read; null leaves them where they are. */
  readonly unreadableTopic: string | null;
  /** An emulator, which is asked without credentials or TLS; null is Google. */
  readonly endpoint: string | null;
  /** How long a message is kept from others at a time, while it is worked at. */
  readonly ackDeadlineSeconds: number;
}

/** As short as Google writes them, without the project. */
const name = z.string().regex(/^(?!goog)[A-Za-z][\w.~+%-]{2,254}$/, "Must be the name of a topic or subscription");
const project = z.string().regex(/^[a-z][a-z\d:.-]{4,}[a-z\d]$/, "Must be the id of a project");
const endpoint = z.string().regex(/^(?:http:\/\/)?[^\s:/]+:\d{1,5}$/, "Must be a host and a port");

/** The variables of the transport, with what `docs/gcp.md` says of them. */
export const PUBSUB_VARIABLES = z.strictObject({
  PUNCTUAL_TRANSPORT_PROJECT: project,
  PUNCTUAL_TRANSPORT_TOPIC: name,
  PUNCTUAL_TRANSPORT_SUBSCRIPTION: name,
  PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: name,
  PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: name,
  PUNCTUAL_TRANSPORT_UNREADABLE_TOPIC: name.optional(),
  PUNCTUAL_TRANSPORT_ENDPOINT: endpoint.optional(),
  PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: z.coerce.number().int().min(10).max(600).default(60),
});

/** Reads the variables; what is wrong with them is told all at once. */
export const PUBSUB_CONFIG = PUBSUB_VARIABLES.transform(pubsubConfigOf);

export function pubsubConfigOf(read: z.output<typeof PUBSUB_VARIABLES>): PubsubConfig {
  return {
    project: read.PUNCTUAL_TRANSPORT_PROJECT,
    topic: read.PUNCTUAL_TRANSPORT_TOPIC,
    subscription: read.PUNCTUAL_TRANSPORT_SUBSCRIPTION,
    deadLetterTopic: read.PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC,
    deadLetterSubscription: read.PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION,
    unreadableTopic: read.PUNCTUAL_TRANSPORT_UNREADABLE_TOPIC ?? null,
    endpoint: read.PUNCTUAL_TRANSPORT_ENDPOINT?.replace(/^http:\/\//, "") ?? null,
    ackDeadlineSeconds: read.PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS,
  };
}

export { CLOUD_TASKS_VARIABLES, type CloudTasksConfig, cloudTasksConfigOf } from "./tasks/config.js";
