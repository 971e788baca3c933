export { type AuthConfig, type AuthDeps, authenticatorFor, OpenToOthers } from "./authenticator-for.js";
export { type Authenticator, type Principal, type Role, ROLES, Unauthenticated } from "./principal.js";
