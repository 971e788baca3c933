import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** What one service is given: the version that has proven itself, and how much the new one takes of it. */
export interface Share {
  readonly stable: string;
  /** Of the traffic, what a revision takes that is not `stable`. */
  readonly percent: number;
}

export type Shares = Readonly<Record<string, Share>>;

const FILE = z.object({ config: z.record(z.string(), z.unknown()).default({}) });
const TRAFFIC = z.record(z.string(), z.object({ stable: z.string(), percent: z.number() })).default({});

/** A stack's settings as its file has them. */
export interface SettingsFile {
  readonly config: Readonly<Record<string, unknown>>;
  /** Of all that is there but the shares of traffic, which a release moves. */
  readonly sha256: string;
  readonly shares: Shares;
}

/** Where shares stand, in the file and for `pulumi config`. */
export const TRAFFIC_PATH = "punctual:gcp.traffic";

export async function readSettingsFile(root: string, stack: string): Promise<SettingsFile> {
  const text = await readFile(path.join(root, "stacks/config", `Pulumi.${stack}.yaml`), "utf8");
  const whole = parse(text) as unknown;
  const { config } = FILE.parse(whole ?? {});
  const { traffic, ...own } = partsOf(config["punctual:gcp"]);
  const resting = "punctual:gcp" in config ? { ...config, "punctual:gcp": own } : config;
  return {
    config,
    sha256: sha256Of(JSON.stringify(sorted({ ...partsOf(whole), config: resting }))),
    shares: TRAFFIC.parse(traffic ?? {}),
  };
}

export function sha256Of(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function partsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** Pulumi writes the file anew, in an order of its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
