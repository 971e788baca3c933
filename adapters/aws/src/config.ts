import { z } from "zod";

/** How messages go through SQS. */
export interface SqsConfig {
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
  /** Where dead letters go that nobody can read; null leaves them where they are. */
  readonly unreadableUrl: string | null;
  /** As the SDK finds it, if null. */
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly visibilitySeconds: number;
  readonly waitSeconds: number;
}

/** Not as a URL: emulators put an address behind a name, which no URL may have. */
const url = z.string().regex(/^https?:\/\/\S+$/, "Must be a URL");

/** The variables of the transport, with what `docs/aws.md` says of them. */
export const SQS_VARIABLES = z.strictObject({
  PUNCTUAL_TRANSPORT_QUEUE_URL: url,
  PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: url,
  PUNCTUAL_TRANSPORT_UNREADABLE_URL: url.optional(),
  PUNCTUAL_TRANSPORT_REGION: z.string().min(1).optional(),
  PUNCTUAL_TRANSPORT_ENDPOINT: url.optional(),
  PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS: z.coerce.number().int().min(1).max(43_200).default(60),
  PUNCTUAL_TRANSPORT_WAIT_SECONDS: z.coerce.number().int().min(1).max(20).default(5),
});

/** Reads the variables; what is wrong with them is told all at once. */
export const SQS_CONFIG = SQS_VARIABLES.transform(sqsConfigOf);

export function sqsConfigOf(read: z.output<typeof SQS_VARIABLES>): SqsConfig {
  return {
    queueUrl: read.PUNCTUAL_TRANSPORT_QUEUE_URL,
    deadLetterUrl: read.PUNCTUAL_TRANSPORT_DEAD_LETTER_URL,
    unreadableUrl: read.PUNCTUAL_TRANSPORT_UNREADABLE_URL ?? null,
    region: read.PUNCTUAL_TRANSPORT_REGION ?? null,
    endpoint: read.PUNCTUAL_TRANSPORT_ENDPOINT ?? null,
    visibilitySeconds: read.PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS,
    waitSeconds: read.PUNCTUAL_TRANSPORT_WAIT_SECONDS,
  };
}
