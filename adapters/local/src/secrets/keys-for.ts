import { hkdfSync } from "node:crypto";

/** Keys for one purpose, made of those that an installation has: to know one is not to know another. */
export function keysFor(
  purpose: "cursors" | "messages",
  [first, ...others]: readonly [string, ...string[]],
): readonly [Buffer, ...Buffer[]] {
  const keyFor = (secretKey: string) =>
    Buffer.from(hkdfSync("sha256", Buffer.from(secretKey, "base64"), "", `punctual ${purpose}`, 32));
  return [keyFor(first), ...others.map(keyFor)];
}
