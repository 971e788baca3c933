export { type Authenticator, type Principal, type Role, ROLES, Unauthenticated } from "./auth/principal.js";
