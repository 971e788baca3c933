/** What others may use of this adapter, but for its wiring and its configuration. */
export { AddressRules } from "./guard/address-rules.js";
export { Guard, type GuardOptions } from "./guard/guard.js";
export { PortRules } from "./guard/port-rules.js";
export type { Resolve, ResolvedAddress } from "./guard/resolve.js";
export { HttpSender, type HttpSenderDeps } from "./http-sender.js";
export { EnvelopeVault, type EnvelopeVaultDeps } from "./secrets/envelope-vault.js";
export { type Signable, signatureOf } from "./signing/sign.js";
export { StandardSignatures } from "./signing/standard-signatures.js";
