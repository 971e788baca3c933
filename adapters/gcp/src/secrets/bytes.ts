/** Bytes as Google's clients give them; null where there are none. */
export function bytesOf(value: Uint8Array | string | null | undefined): Uint8Array | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? Buffer.from(value, "base64") : value;
}

/** A checksum as Google's clients give it, in whatever they have for long numbers; null where there is none. */
export function checksumOf(value: number | string | { toString(): string } | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(String(value));
}
