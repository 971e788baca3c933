import { hkdfSync, randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What an installation keeps secret. */
export interface Keys {
  /** In Base64: what seals the secrets of destinations. */
  readonly secretKey: string;
  readonly cursorKey: Buffer;
}

/** The keys of the data in this folder, made at its first use; without a folder, for one run. */
export async function keysIn(dataDir: string | null): Promise<Keys> {
  const secretKey = dataDir === null ? newKey() : await keptKey(dataDir);
  const cursorKey = Buffer.from(hkdfSync("sha256", Buffer.from(secretKey, "base64"), "", "punctual cursors", 32));
  return { secretKey, cursorKey };
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
