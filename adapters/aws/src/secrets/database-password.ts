import { Signer, type SignerConfig } from "@aws-sdk/rds-signer";
import { type Clock, Unavailable } from "@punctual/core";

/** RDS takes a token for so long. */
const VALID_MS = 900_000;
/** A younger one is used again. */
const YOUNG_MS = 600_000;
/** What it takes to log in with it. */
const MARGIN_MS = 10_000;

const POSTGRES = 5_432;

/** Who signs, and for which region; left out, as the SDK finds them. */
export interface DatabasePasswordOptions extends Pick<SignerConfig, "region" | "credentials"> {
  /** Where the database is, and whom to log in as. */
  readonly url: string;
  readonly clock: Pick<Clock, "now">;
}

/**
 * The password of this process for RDS, or a proxy of it, with IAM authentication: a token that it signs by itself, asking nobody
 * but for its own credentials. Asked for with each new connection.
 */
export function databasePassword({ url, clock, ...own }: DatabasePasswordOptions): () => Promise<string> {
  const { hostname, port, username } = new URL(url);
  const signer = new Signer({
    ...own,
    hostname,
    port: port === "" ? POSTGRES : Number(port),
    username: decodeURIComponent(username),
  });
  let known: { readonly token: string; readonly signed: number } | null = null;
  let signing: Promise<string> | null = null;

  // By the clock on the wall: RDS goes by it, and the other one may stand still where a process is frozen.
  const ageMs = (signed: number) => Math.abs(clock.now().getTime() - signed);

  async function sign(): Promise<string> {
    try {
      const signed = clock.now().getTime();
      const token = await signer.getAuthToken();
      known = { token, signed };
      return token;
    } catch (cause) {
      if (known !== null && ageMs(known.signed) < VALID_MS - MARGIN_MS) return known.token;
      throw new Unavailable("No token can be signed to log in to the database with", { cause });
    } finally {
      signing = null;
    }
  }

  return async () => {
    if (known !== null && ageMs(known.signed) < YOUNG_MS) return known.token;
    signing ??= sign();
    return signing;
  };
}
