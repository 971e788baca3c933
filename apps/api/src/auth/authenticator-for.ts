import type { Clock } from "@punctual/core";
import { isLoopback } from "./is-loopback.js";
import { JwtAuthenticator, type JwtRules } from "./jwt-authenticator.js";
import { LocalAuthenticator } from "./local-authenticator.js";
import type { Authenticator } from "./principal.js";
import type { Fetch, JwksOptions } from "./remote-keys.js";

export type AuthConfig =
  | { readonly kind: "off" }
  | ({ readonly kind: "secret"; readonly secret: string } & JwtRules)
  | ({ readonly kind: "jwks" } & JwksOptions & JwtRules);

export interface AuthDeps {
  readonly clock: Clock;
  readonly fetch?: Fetch;
}

/** Without authentication everybody may do everything, so nobody but this machine may ask. */
export class OpenToOthers extends Error {
  override readonly name = "OpenToOthers";
  readonly host: string | undefined;
  constructor(host: string | undefined) {
    const where = host === undefined || host === "" ? "every address" : host;
    super(`With authentication off the API listens on loopback only (127.0.0.1, ::1 or localhost), not on ${where}`);
    this.host = host;
  }
}

/** The authenticator for an API that listens on `host`, by what is configured; throws rather than leave it open to others. */
export function authenticatorFor(config: AuthConfig, host: string | undefined, deps: AuthDeps): Authenticator {
  switch (config.kind) {
    case "off":
      if (!isLoopback(host)) throw new OpenToOthers(host);
      return new LocalAuthenticator();
    case "secret":
      return new JwtAuthenticator({ ...config, ...deps, keys: { kind: "secret", secret: config.secret } });
    case "jwks": {
      const { url, algorithms } = config;
      return new JwtAuthenticator({ ...config, ...deps, keys: { kind: "jwks", url, algorithms } });
    }
  }
}
