import type { BrokenTransport } from "./broken-transport.js";
import { BROKEN_CONSUMING } from "./consuming.js";
import { BROKEN_DEAD_LETTERS } from "./dead-letters.js";
import { BROKEN_SENDING } from "./sending.js";

export type { BrokenTransport } from "./broken-transport.js";

/** What the suite must find, with the case that must find it: a suite that nobody has seen failing proves little. */
export const BROKEN_TRANSPORTS: readonly BrokenTransport[] = [
  ...BROKEN_SENDING,
  ...BROKEN_CONSUMING,
  ...BROKEN_DEAD_LETTERS,
];
