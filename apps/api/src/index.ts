export { type AuthConfig, type AuthDeps, authenticatorFor, OpenToOthers } from "./auth/authenticator-for.js";
export { JwtAuthenticator, type JwtOptions, type JwtRules, type KeyOptions } from "./auth/jwt-authenticator.js";
export { isLoopback } from "./auth/is-loopback.js";
export { LocalAuthenticator } from "./auth/local-authenticator.js";
export { type Authenticator, type Principal, type Role, ROLES, Unauthenticated } from "./auth/principal.js";
export {
  ASYMMETRIC,
  type AsymmetricAlgorithm,
  type Fetch,
  type JwksOptions,
  RemoteKeys,
  type RemoteKeysDeps,
} from "./auth/remote-keys.js";
export { type ApiOptions, makeApi } from "./http/api.js";
export { onClientError } from "./http/client-error.js";
export { Cursors } from "./http/cursors.js";
export { RateLimit } from "./http/rate-limit.js";
export { type RouteOptions, routesOf } from "./routes/index.js";
export type { UseCaseDeps } from "./use-cases.js";
