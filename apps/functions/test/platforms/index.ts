import type { Platform, PlatformOptions } from "./platform.js";

export const PLATFORMS = ["aws", "gcp", "redis"] as const;
export type PlatformName = (typeof PLATFORMS)[number];

/** Punctual on that platform, as it is deployed there. */
export async function onPlatform(name: PlatformName, options: PlatformOptions): Promise<Platform> {
  switch (name) {
    case "aws":
      return (await import("./aws.js")).onAws(options);
    case "gcp":
      return (await import("./gcp.js")).onGcp(options);
    case "redis":
      return (await import("./redis.js")).onRedis(options);
  }
}
