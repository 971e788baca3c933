import type { Cloud } from "@punctual/stack-blueprint";

/** Each cloud is loaded where a stack is on it; the SDK of another is not needed there. */
export const CLOUDS: Readonly<Record<string, () => Promise<Cloud>>> = {
  aws: async () => (await import("@punctual/stack-aws")).aws,
  gcp: async () => (await import("@punctual/stack-gcp")).gcp,
};
