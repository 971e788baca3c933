import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed text, taken apart. Written `v1.<wrapped key>.<box>`, both in URL-safe Base64. */
export interface SealedText {
  readonly wrapped: Buffer;
  /** Initialization vector, ciphertext, tag. */
  readonly box: Buffer;
}

export function formatSealed({ wrapped, box }: SealedText): string {
  return `v1.${wrapped.toString("base64url")}.${box.toString("base64url")}`;
}

/** Null where the text is not as `formatSealed` writes it, to the last bit: Base64 has bits that mean nothing. */
export function parseSealed(text: string): SealedText | null {
  const [, wrapped, box] = text.split(".", 3).map((part) => Buffer.from(part, "base64url"));
  if (wrapped === undefined || box === undefined) return null;
  return formatSealed({ wrapped, box }) === text ? { wrapped, box } : null;
}

/** AES-256-GCM; the owner is not in the box, but it opens under no other. */
export function encrypt(key: KeyObject, text: string, owner: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(bytesOf(owner));
  return Buffer.concat([iv, cipher.update(bytesOf(text)), cipher.final(), cipher.getAuthTag()]);
}

/** Null where the box was not made with this key for this owner. */
export function decrypt(key: KeyObject, box: Buffer, owner: string): string | null {
  if (box.length < IV_BYTES + TAG_BYTES) return null;
  const iv = box.subarray(0, IV_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(bytesOf(owner));
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  const bytes = decipher.update(box.subarray(IV_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([bytes, decipher.final()]).toString("utf16le");
  } catch {
    return null;
  }
}

/** UTF-16, because UTF-8 does not have every text: two that differ in a lone surrogate would be one. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}
