import { z } from "zod";

/** How messages go through Cloud Tasks. */
export interface CloudTasksConfig {
  readonly project: string;
  readonly location: string;
  readonly queue: string;
  /** Of the worker, with its path: where tasks go. */
  readonly url: string;
  /** The account by which tasks are known there. */
  readonly serviceAccount: string;
  /** What its tokens are made for. */
  readonly audience: string;
  /** An emulator, which is asked by HTTP and without credentials; null is Google. */
  readonly endpoint: string | null;
}

const url = z.string().regex(/^https?:\/\/\S+$/, "Must be a URL");

/** The variables of the transport, with what `docs/gcp.md` says of them. */
export const CLOUD_TASKS_VARIABLES = z.strictObject({
  PUNCTUAL_TRANSPORT_PROJECT: z.string().regex(/^[a-z][a-z\d:.-]{4,}[a-z\d]$/, "Must be the id of a project"),
  PUNCTUAL_TRANSPORT_LOCATION: z.string().regex(/^[a-z]+-[a-z]+\d+$/, "Must be a location, such as europe-west3"),
  PUNCTUAL_TRANSPORT_QUEUE: z.string().regex(/^[A-Za-z\d-]{1,100}$/, "Must be the name of a queue"),
  PUNCTUAL_TRANSPORT_URL: url,
  PUNCTUAL_TRANSPORT_SERVICE_ACCOUNT: z.string().regex(/^[^\s@]+@[^\s@]+$/, "Must be the address of an account"),
  PUNCTUAL_TRANSPORT_AUDIENCE: z.string().min(1).optional(),
  PUNCTUAL_TRANSPORT_ENDPOINT: url.refine((text) => URL.canParse(text), "Must be a URL").optional(),
});

/** Reads the variables; what is wrong with them is told all at once. */
export const CLOUD_TASKS_CONFIG = CLOUD_TASKS_VARIABLES.transform(cloudTasksConfigOf);

export function cloudTasksConfigOf(read: z.output<typeof CLOUD_TASKS_VARIABLES>): CloudTasksConfig {
  return {
    project: read.PUNCTUAL_TRANSPORT_PROJECT,
    location: read.PUNCTUAL_TRANSPORT_LOCATION,
    queue: read.PUNCTUAL_TRANSPORT_QUEUE,
    url: read.PUNCTUAL_TRANSPORT_URL,
    serviceAccount: read.PUNCTUAL_TRANSPORT_SERVICE_ACCOUNT,
    audience: read.PUNCTUAL_TRANSPORT_AUDIENCE ?? read.PUNCTUAL_TRANSPORT_URL,
    endpoint: read.PUNCTUAL_TRANSPORT_ENDPOINT ?? null,
  };
}
