import { createSecretKey, type KeyObject } from "node:crypto";
import { InvalidInput, isSecret } from "@punctual/core";
import { Recent } from "../secrets/recent.js";

const PREFIX = "whsec_";

// HMAC takes a KeyObject six times as fast as bytes. It does not print either.
const keys = new Recent<KeyObject>(10_000);

/** The key that a secret stands for. */
export function keyOf(secret: string): KeyObject {
  return keys.get(secret, newKey);
}

function newKey(secret: string): KeyObject {
  if (isSecret(secret)) return createSecretKey(Buffer.from(secret.slice(PREFIX.length), "base64"));
  const message = "Must be whsec_ and then 24 to 64 bytes in Base64"; // and does not say what it is
  throw new InvalidInput([{ pointer: "", code: "not_a_secret", message }]);
}
