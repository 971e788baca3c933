import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  type Clock,
  RecentSecrets,
  SecretNotFound,
  type Secrets,
  type SecretsOptions,
  Unavailable,
} from "@punctual/core";
import { isMissing, nameOf, translated } from "../errors.js";

/** Secrets that AWS Secrets Manager keeps, by name or ARN. A rotation changes them, so the current version is what counts. */
export class SecretsManagerSecrets implements Secrets {
  readonly #recent: RecentSecrets;

  constructor(client: SecretsManagerClient, clock: Pick<Clock, "monotonic">, options: SecretsOptions) {
    this.#recent = new RecentSecrets((name) => ask(client, name), clock, options);
  }

  read(name: string, options?: { readonly fresh?: boolean }): Promise<string> {
    return this.#recent.read(name, options);
  }
}

async function ask(client: SecretsManagerClient, name: string): Promise<string> {
  const command = new GetSecretValueCommand({ SecretId: name, VersionStage: "AWSCURRENT" });
  const { SecretString: text } = await client.send(command).catch((error: unknown) => {
    throw meaningOf(error, name);
  });
  // One of bytes was not put there for us: nobody says what they mean.
  if (text === undefined) {
    throw new Unavailable(`The secret ${JSON.stringify(name)} is no text`, { code: "secret_unreadable" });
  }
  return text;
}

function meaningOf(error: unknown, name: string): unknown {
  if (isMissing(error) || isDeleted(error)) return new SecretNotFound(name, { cause: error });
  // The key that it is sealed with may be disabled, or not ours to use.
  if (nameOf(error) === "DecryptionFailure") {
    return new Unavailable("Secrets Manager cannot open the secret", { cause: error, code: "secret_unreadable" });
  }
  return translated(error, "Secrets Manager");
}

/** One that is removed stays for some weeks, in which it can be brought back, and is not given. */
function isDeleted(error: unknown): boolean {
  return (
    nameOf(error) === "InvalidRequestException" && /marked (?:for deletion|deleted)/i.test((error as Error).message)
  );
}
