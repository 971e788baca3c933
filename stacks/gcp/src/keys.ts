import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, type Output, output } from "@pulumi/pulumi";
import { agentMember, AGENTS, type AgentOf } from "./agents.js";
import { GCP_DEFAULTS } from "./defaults.js";
import type { Plan, SealedBy } from "./parts.js";

const DAY = 86_400;
const ROTATION_DAYS = 90;

/** Keys for what Google keeps for us, and one by which Punctual seals the secrets of destinations. */
export class GcpKeys extends ComponentResource {
  readonly data: SealedBy;
  readonly messages: SealedBy;
  readonly secrets: SealedBy;
  readonly sealing: gcp.kms.CryptoKey;
  /** What Pub/Sub does by itself it does by this account. */
  readonly pubsub: gcp.projects.ServiceIdentity;
  /** The whole names of those that unwrap: the first wraps, too. */
  readonly sealingNames: Output<string>;
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
    const agents = { data: this.#agent("data"), messages: this.#agent("messages"), secrets: this.#agent("secrets") };
    const sealedBy = (domain: AgentOf) => this.#sealedBy(domain, shared ?? this.#key(domain), agents[domain]);
    this.data = sealedBy("data");
    this.messages = sealedBy("messages");
    this.secrets = sealedBy("secrets");
    this.pubsub = agents.messages;
    this.sealing = this.#key("sealing");
    this.sealingNames = output([this.sealing.id, ...own.olderSealingKeys]).apply((names) => names.join());
    this.registerOutputs({});
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

  #sealedBy(domain: AgentOf, key: gcp.kms.CryptoKey, agent: gcp.projects.ServiceIdentity): SealedBy {
    const allowed = new gcp.kms.CryptoKeyIAMMember(
      `${this.#name}-${domain}-agent`,
      {
        cryptoKeyId: key.id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: agentMember(domain, this.#plan.own.projectNumber),
      },
      { parent: this, dependsOn: [agent] },
    );
    return { key, allowed };
  }

  #lasting() {
    return { parent: this, protect: this.#plan.blueprint.defaults.precious };
  }
}
