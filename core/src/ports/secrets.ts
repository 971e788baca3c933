import { SchedulingError } from "../errors.js";
import { echo } from "../input/echo.js";

/**
 * What programs need and nobody may see, such as the password of a database, by its name. Somebody else keeps it, and changes
 * it without a word. Every adapter promises:
 *   S1. `read` gives the value as it was put there, to the letter, and asks for each name by itself;
 *   S2. a value is no older than `maxAgeMs`, and with `fresh` it is asked for anew: what was known is not good any more;
 *   S3. what is not there is `SecretNotFound`, even if it was there; where the keeper is away a value that was read lately is
 *       used meanwhile, for `graceMs` beyond its age, though not for `fresh`; without one it is `unavailable`;
 *   S4. while a value is young nobody asks for it, and of many who ask at one time one does, for all of them.
 */
export interface Secrets {
  read(name: string, options?: { readonly fresh?: boolean }): Promise<string>;
}

/** How long what was read is good for. */
export interface SecretsOptions {
  readonly maxAgeMs: number;
  /** How much longer it is used while the keeper is away. */
  readonly graceMs: number;
}

/** Nobody keeps anything by that name. */
export class SecretNotFound extends SchedulingError {
  readonly family = "missing";
  readonly code = "secret_not_found";
  /** Of the secret, which may be told; its value may not. */
  readonly secret: string;
  constructor(secret: string, options: { cause?: unknown } = {}) {
    super(`No secret has the name ${echo(secret)}`, options);
    this.secret = secret;
  }
}
