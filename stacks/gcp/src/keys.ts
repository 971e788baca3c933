import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, type Output, output } from "@pulumi/pulumi";
import { needs } from "@punctual/stack-blueprint";
import { agentMember, AGENTS, type AgentOf } from "./agents.js";
import { GCP_DEFAULTS } from "./defaults.js";
import type { Plan, SealedBy } from "./parts.js";

const DAY = 86_400;
const ROTATION_DAYS = 90;

/** Keys for what Google keeps for us, and one by which Punctual seals the secrets of destinations. */
export class GcpKeys extends ComponentResource {
  readonly data: SealedBy;
  readonly secrets: SealedBy;
  /** Where there are queues. What Pub/Sub does by itself it does by `agent`. */
  readonly #messages: (SealedBy & { readonly agent: gcp.projects.ServiceIdentity }) | undefined;
  /** Where secrets of destinations are sealed by a service of keys. */
  readonly #sealing: gcp.kms.CryptoKey | undefined;
  readonly #name: string;
  readonly #plan: Plan;
  readonly #ring: gcp.kms.KeyRing;

  constructor(name: string, plan: Plan, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Keys", name, {}, opts);
    this.#name = name;
    this.#plan = plan;
    const { own, blueprint } = plan;
    this.#ring = new gcp.kms.KeyRing(`${name}-ring`, { location: own.region }, this.#lasting());
    const shared = blueprint.defaults.keys === "shared" ? this.#key("shared") : undefined;
    const sealedBy = (domain: AgentOf) => this.#sealedBy(domain, shared ?? this.#key(domain));
    this.data = sealedBy("data");
    this.#messages = blueprint.queues.length > 0 ? sealedBy("messages") : undefined;
    this.secrets = sealedBy("secrets");
    const seals = blueprint.workloads.some((one) => needs(one, "seal") || needs(one, "open"));
    this.#sealing = seals ? this.#key("sealing") : undefined;
    this.registerOutputs({});
  }

  get messages(): SealedBy & { readonly agent: gcp.projects.ServiceIdentity } {
    if (this.#messages === undefined) throw new RangeError("there are no messages");
    return this.#messages;
  }

  get sealing(): gcp.kms.CryptoKey {
    if (this.#sealing === undefined) throw new RangeError("nobody seals by a service of keys");
    return this.#sealing;
  }

  /** The whole names of those that unwrap: the first wraps, too. */
  get sealingNames(): Output<string> {
    return output([this.sealing.id, ...this.#plan.own.olderSealingKeys]).apply((names) => names.join());
  }

  #key(part: string): gcp.kms.CryptoKey {
    const { keyDestroyDays } = GCP_DEFAULTS[this.#plan.blueprint.settings.environment];
    return new gcp.kms.CryptoKey(
      `${this.#name}-${part}`,
      {
        keyRing: this.#ring.id,
        purpose: "ENCRYPT_DECRYPT",
        rotationPeriod: `${String(ROTATION_DAYS * DAY)}s`,
        destroyScheduledDuration: `${String(keyDestroyDays * DAY)}s`,
      },
      this.#lasting(),
    );
  }

  /** Made before it is given anything: a service that nobody has used has no account yet. */
  #agent(domain: AgentOf): gcp.projects.ServiceIdentity {
    const { project } = this.#plan.own;
    const { service } = AGENTS[domain];
    return new gcp.projects.ServiceIdentity(`${this.#name}-${domain}-agent`, { project, service }, { parent: this });
  }

  #sealedBy(domain: AgentOf, key: gcp.kms.CryptoKey) {
    const agent = this.#agent(domain);
    const allowed = new gcp.kms.CryptoKeyIAMMember(
      `${this.#name}-${domain}-agent`,
      {
        cryptoKeyId: key.id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: agentMember(domain, this.#plan.own.projectNumber),
      },
      { parent: this, dependsOn: [agent] },
    );
    return { key, allowed, agent };
  }

  #lasting() {
    return { parent: this, protect: this.#plan.blueprint.defaults.precious };
  }
}
