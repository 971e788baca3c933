import type { CloudTools } from "./parts.js";

/** Each cloud is loaded where a stack is on it; the library of another is not needed there. */
export const CLOUDS: Readonly<Record<string, () => Promise<CloudTools>>> = {
  aws: async () => (await import("../aws/tools.js")).tools,
  gcp: async () => (await import("../gcp/tools.js")).tools,
};
