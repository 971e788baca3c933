import type { Sender } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { ContainerModule } from "inversify";
import type { WebhookConfig } from "./config.js";
import { AddressRules } from "./guard/address-rules.js";
import { Guard } from "./guard/guard.js";
import { PortRules } from "./guard/port-rules.js";
import { HttpSender } from "./http-sender.js";
import { EnvelopeVault } from "./secrets/envelope-vault.js";
import { StandardSignatures } from "./signing/standard-signatures.js";

/** What calls receivers in one process, and how to end with it. */
export interface WebhookSender {
  readonly module: ContainerModule;
  /** Lets go of connections that are kept for later: for a process that was frozen. */
  renew(): void;
  /** Ends when the requests under way have ended. */
  close(): Promise<void>;
}

/** Binds the sender, the vault of its secrets, and what verifies the messages that they sign. Needs a clock and data keys. */
export function webhookSender(config: WebhookConfig): WebhookSender {
  const guard = new Guard({ rules: new AddressRules(config.allow), ports: new PortRules(config.ports) });
  const made: HttpSender[] = [];
  const module = new ContainerModule(({ bind }) => {
    bind(ports.vault)
      .toResolvedValue((dataKeys, clock) => new EnvelopeVault({ dataKeys, clock }), [ports.dataKeys, ports.clock])
      .inSingletonScope();
    bind(ports.signatures)
      .toResolvedValue((vault) => new StandardSignatures({ vault }), [ports.vault])
      .inSingletonScope();
    bind(ports.senders)
      .toResolvedValue(
        (vault, clock) => {
          const sender = new HttpSender({ guard, vault, clock, config });
          made.push(sender);
          return new Map<string, Sender>([[sender.kind, sender]]);
        },
        [ports.vault, ports.clock],
      )
      .inSingletonScope();
  });
  return {
    module,
    renew: () => made.forEach((sender) => sender.renew()),
    close: async () => void (await Promise.all(made.map((sender) => sender.close()))),
  };
}
