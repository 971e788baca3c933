import { keysFor } from "@punctual/adapter-local/wiring";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { StandaloneConfig } from "./config.js";

/** What an installation keeps secret. */
export interface Keys {
  /** In Base64: what seals the secrets of destinations, the one in use first. */
  readonly secretKeys: readonly [string, ...string[]];
  readonly cursorKey: Buffer;
  /** Of envelopes: the first signs, all are believed. */
  readonly messageKeys: readonly Buffer[];
}

/** The keys as they are given; or those of the data folder, made at its first use; without data, for one run. */
export async function keysOf({
  secretKeys: given,
  stores,
}: Pick<StandaloneConfig, "secretKeys" | "stores">): Promise<Keys> {
  const secretKeys = given ?? [stores.kind === "embedded" ? await keptKey(stores.dataDir) : newKey()];
  const [cursorKey] = keysFor("cursors", secretKeys);
  return { secretKeys, cursorKey, messageKeys: keysFor("messages", secretKeys) };
}

async function keptKey(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, "secret.key");
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(`${newKey()}\n`);
    await file.sync();
    await file.close();
  } catch (error) {
    if (!isThere(error)) throw error;
  }
  await chmod(path, 0o600);
  return (await readFile(path, "utf8")).trim();
}

function newKey(): string {
  return randomBytes(32).toString("base64");
}

function isThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
