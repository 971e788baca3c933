import { type Clock, Unavailable } from "@punctual/core";
import { type AuthClient, GoogleAuth } from "google-auth-library";

/** Good for logging in to a database alone: a server that keeps what it is told can do nothing else with it. */
export const LOGIN_SCOPE = "https://www.googleapis.com/auth/sqlservice.login";

/** A token is renewed so long before it expires; where that fails, it is used meanwhile. */
const RENEWED_MS = 300_000;
/** What it takes to log in with it. */
const MARGIN_MS = 10_000;

export interface DatabasePasswordOptions {
  readonly clock: Pick<Clock, "now">;
  /** Who makes tokens; left out, whoever this process is run by. */
  readonly client?: () => Promise<Pick<AuthClient, "getAccessToken" | "credentials">>;
}

/**
 * The password of this process for Cloud SQL with IAM authentication: an access token of its service account, one for an hour
 * or so. The user is the address of the account without `.gserviceaccount.com`. Asked for with each new connection.
 */
export function databasePassword({ clock, client = ownClient() }: DatabasePasswordOptions): () => Promise<string> {
  let known: { readonly token: string; readonly until: number } | null = null;
  return async () => {
    try {
      const source = await client();
      // It keeps what it has, and asks once for many who ask at one time.
      const { token } = await source.getAccessToken();
      if (typeof token !== "string" || token === "") throw new Error("The answer has no token");
      known = { token, until: source.credentials.expiry_date ?? 0 };
      return token;
    } catch (cause) {
      if (known !== null && clock.now().getTime() < known.until - MARGIN_MS) return known.token;
      throw new Unavailable("Google gives no token to log in to the database with", { cause });
    }
  };
}

function ownClient(): () => Promise<AuthClient> {
  const auth = new GoogleAuth({
    scopes: LOGIN_SCOPE,
    clientOptions: { eagerRefreshThresholdMillis: RENEWED_MS },
  });
  return async () => auth.getClient();
}
