import { type Destination, DESTINATION_DEFAULTS, type OutgoingRequest, type Vault } from "@punctual/core";
import { WEBHOOK_DEFAULTS, type WebhookConfig } from "../../src/config.js";
import { AddressRules } from "../../src/guard/address-rules.js";
import { Guard } from "../../src/guard/guard.js";
import { PortRules } from "../../src/guard/port-rules.js";
import type { Resolve } from "../../src/guard/resolve.js";
import { HttpSender } from "../../src/http-sender.js";
import { VALID } from "./certificate.js";

export const AT = new Date("2030-01-01T09:00:01.900Z");
export const DUE_AT = new Date("2030-01-01T09:00:00Z");

/** A secret lies in it as it is, with its owner before it. */
export const plainVault: Vault = {
  make: async () => Promise.reject(new Error("No test makes secrets")),
  seal: async (secret, owner) => `${owner}:${secret}`,
  open: async (sealed, owner) => sealed.slice(owner.length + 1),
};

/** One that may call this machine, and trusts the certificate of the test's receivers. */
export function testSender(of: Partial<WebhookConfig> & { resolve?: Resolve; vault?: Vault } = {}): HttpSender {
  const { resolve, vault = plainVault, ...settings } = of;
  const config = { ...WEBHOOK_DEFAULTS, allow: ["127.0.0.1"], ports: "1-65535", ca: [VALID.cert], ...settings };
  const rules = new AddressRules(config.allow);
  const guard = new Guard({ rules, ports: new PortRules(config.ports), ...(resolve && { resolve }) });
  return new HttpSender({ guard, vault, config, clock: { monotonic: () => performance.now() } });
}

/** A request like any other, but for what is given. */
export function requestTo(
  url: string,
  {
    destination,
    ...given
  }: Partial<Omit<OutgoingRequest, "destination">> & { destination?: Partial<Destination> } = {},
): OutgoingRequest {
  return {
    id: "01890a5d-ac96-774b-bcce-b302099a8057",
    tenant: "main",
    attempt: 1,
    dueAt: DUE_AT,
    at: AT,
    body: '{"type":"t","data":{}}',
    ...given,
    destination: {
      id: "01890a5d-ac96-774b-bcce-b302099a8099",
      tenant: "main",
      ...DESTINATION_DEFAULTS,
      url,
      headers: {},
      ratePerSecond: null,
      concurrency: null,
      ackWithinMs: null,
      secrets: [],
      enabled: true,
      disabledBecause: null,
      inline: false,
      revision: 1,
      createdAt: DUE_AT,
      updatedAt: DUE_AT,
      ...destination,
    },
  };
}
