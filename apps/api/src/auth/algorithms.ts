/** What tokens may be signed with where their keys are published: never with a secret that everybody shares. */
export const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"] as const;
export type AsymmetricAlgorithm = (typeof ASYMMETRIC)[number];
