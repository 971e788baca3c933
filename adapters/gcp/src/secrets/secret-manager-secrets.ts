import type { SecretManagerServiceClient } from "@google-cloud/secret-manager";
import {
  type Clock,
  RecentSecrets,
  SecretNotFound,
  type Secrets,
  type SecretsOptions,
  Unavailable,
} from "@punctual/core";
import { codeOf, isMissing, translated } from "../errors.js";
import { bytesOf, checksumOf } from "./bytes.js";
import { crc32c } from "./crc32c.js";

export interface SecretManagerOptions extends SecretsOptions {
  /** Where secrets are that are named without one. */
  readonly project: string;
}

const REQUEST_MS = 5_000;

/**
 * Secrets that Secret Manager keeps: by `projects/p/secrets/s/versions/v`, without its version the latest, or by the name alone.
 * It knows no slash in a name: there it is a hyphen, so that programs may use the names that they use elsewhere.
 */
export class SecretManagerSecrets implements Secrets {
  readonly #recent: RecentSecrets;

  constructor(
    client: Pick<SecretManagerServiceClient, "accessSecretVersion">,
    clock: Pick<Clock, "monotonic">,
    options: SecretManagerOptions,
  ) {
    this.#recent = new RecentSecrets((name) => ask(client, name, options.project), clock, options);
  }

  read(name: string, options?: { readonly fresh?: boolean }): Promise<string> {
    return this.#recent.read(name, options);
  }
}

export function versionPathOf(name: string, project: string): string {
  if (!name.startsWith("projects/")) return `projects/${project}/secrets/${name.replaceAll("/", "-")}/versions/latest`;
  return /\/versions\/[^/]+$/.test(name) ? name : `${name}/versions/latest`;
}

async function ask(
  client: Pick<SecretManagerServiceClient, "accessSecretVersion">,
  name: string,
  project: string,
): Promise<string> {
  const path = versionPathOf(name, project);
  const [{ payload }] = await client
    .accessSecretVersion({ name: path }, { timeout: REQUEST_MS })
    .catch((error: unknown) => {
      throw meaningOf(error, name);
    });
  const bytes = bytesOf(payload?.data) ?? new Uint8Array(0);
  const checksum = checksumOf(payload?.dataCrc32c);
  if (checksum !== null && checksum !== crc32c(bytes)) {
    throw new Unavailable("Secret Manager's answer was changed on its way");
  }
  return textOf(bytes, name);
}

/** What is no text was not put there for us: nobody says what it means. */
function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Unavailable(`The secret ${JSON.stringify(name)} is no text`, { cause, code: "secret_unreadable" });
  }
}

function meaningOf(error: unknown, name: string): unknown {
  return isMissing(error) || isDisabled(error)
    ? new SecretNotFound(name, { cause: error })
    : translated(error, "Secret Manager");
}

/** A version that is disabled or destroyed has a number still, and is the latest as long as there is none after it. */
function isDisabled(error: unknown): boolean {
  return codeOf(error) === "FAILED_PRECONDITION" && /DISABLED|DESTROYED/.test((error as Error).message);
}
