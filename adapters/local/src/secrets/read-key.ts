import { createSecretKey, type KeyObject } from "node:crypto";
import { InvalidInput } from "@punctual/core";

const KEY_BYTES = 32;

/** Reads an outer key, as `openssl rand -base64 32` gives it. What it gives does not print. */
export function readKey(text: string): KeyObject {
  const base64 = text.trim(); // a file ends with a newline
  const bytes = Buffer.from(base64, "base64");
  // Neither message repeats the text: it may be the key but for one letter.
  if (bytes.toString("base64") !== base64) throw wrong("not_base64", "Must be Base64");
  if (bytes.length === KEY_BYTES) return createSecretKey(bytes);
  throw wrong("wrong_length", `Must be ${KEY_BYTES} bytes in Base64, and is ${bytes.length}`);
}

function wrong(code: string, message: string): InvalidInput {
  return new InvalidInput([{ pointer: "", code, message }]);
}
