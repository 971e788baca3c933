export {};

export { claimsOf, startIssuer } from "./google-issuer.js";
