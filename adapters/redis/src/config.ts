import { X509Certificate } from "node:crypto";
import { z } from "zod";

/** How messages go through Redis. */
export interface RedisConfig {
  /** May hold a password: never told. */
  readonly url: string;
  /** Certificates that Redis is believed by, and no others; null for those that Node knows. */
  readonly ca: string | null;
  readonly queue: string;
  readonly visibilitySeconds: number;
  readonly maxReceives: number;
  readonly waitSeconds: number;
}

const seconds = (max: number) => z.coerce.number().int().min(1).max(max);

/** Reads the variables; what is wrong with them is told all at once, and never with a value. */
export const REDIS_CONFIG = z
  .strictObject({
    PUNCTUAL_TRANSPORT_REDIS_URL: z.string().refine(isRedisUrl, "Must be a URL such as redis://host:6379 or rediss://"),
    PUNCTUAL_TRANSPORT_REDIS_CA: z.string().refine(isCertificate, "Must be certificates as PEM").optional(),
    // Braces would make another hash tag of it.
    PUNCTUAL_TRANSPORT_QUEUE: z
      .string()
      .regex(/^[\w.-]{1,100}$/, "Must be of letters, digits, points, lines and dashes, 100 at most")
      .default("punctual"),
    PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS: seconds(43_200).default(60),
    PUNCTUAL_TRANSPORT_MAX_RECEIVES: z.coerce.number().int().min(1).max(1_000).default(5),
    PUNCTUAL_TRANSPORT_WAIT_SECONDS: seconds(60).default(5),
  })
  .refine(
    ({ PUNCTUAL_TRANSPORT_REDIS_CA: ca, PUNCTUAL_TRANSPORT_REDIS_URL: url }) =>
      ca === undefined || url.startsWith("rediss:"),
    { path: ["PUNCTUAL_TRANSPORT_REDIS_CA"], message: "Is for rediss:// alone: without TLS nobody is asked who he is" },
  )
  .transform((read): RedisConfig => ({
    url: read.PUNCTUAL_TRANSPORT_REDIS_URL,
    ca: read.PUNCTUAL_TRANSPORT_REDIS_CA ?? null,
    queue: read.PUNCTUAL_TRANSPORT_QUEUE,
    visibilitySeconds: read.PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS,
    maxReceives: read.PUNCTUAL_TRANSPORT_MAX_RECEIVES,
    waitSeconds: read.PUNCTUAL_TRANSPORT_WAIT_SECONDS,
  }));

/** Whether the client takes it: what it would object to later, it would repeat. */
function isRedisUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === "") return false;
  if (!/^\/?\d*$/.test(url.pathname)) return false;
  try {
    decodeURIComponent(`${url.username} ${url.password}`);
    return true;
  } catch {
    return false;
  }
}

/** Node takes what is none for no certificate at all, and says so only when it connects. */
function isCertificate(text: string): boolean {
  const each = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return each.map((one) => new X509Certificate(one)).length > 0;
  } catch {
    return false;
  }
}
