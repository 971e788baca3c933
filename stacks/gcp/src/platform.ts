import { ComponentResource, type ComponentResourceOptions, output } from "@pulumi/pulumi";
import type { PlatformOutputs } from "@punctual/stack-blueprint";
import { GcpAccounts } from "./accounts.js";
import { GcpArmor } from "./armor.js";
import { GcpConsole } from "./console.js";
import { runContainers } from "./containers/run.js";
import { GcpDatabase } from "./database.js";
import { consoleDomainOf, GcpEdge } from "./edge.js";
import { GcpGrants } from "./grants.js";
import { GcpKeys } from "./keys.js";
import { GcpNetwork } from "./network.js";
import type { Plan } from "./parts.js";
import type { Prepared, Running } from "./running.js";
import { GcpSecrets } from "./secrets.js";
import { runServerless } from "./serverless.js";
import { GcpTopics, topicOf } from "./topics.js";
import type { MakeGcpTransport } from "./transport.js";
import { GcpChannels } from "./watch/channels.js";
import { GcpWatch } from "./watch/watch.js";

export interface GcpPlatformArgs extends Plan {
  /** What makes the transport that the settings name, where they name one: `loadTransport` finds it. */
  readonly transport?: MakeGcpTransport | undefined;
}

/** Punctual on Google Cloud. */
export class GcpPlatform extends ComponentResource {
  readonly outputs: PlatformOutputs;
  readonly #name: string;
  readonly #plan: Plan;

  constructor(name: string, { transport, ...plan }: GcpPlatformArgs, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Platform", name, {}, opts);
    this.#name = name;
    this.#plan = plan;
    const prepared = this.#prepare(transport);
    this.outputs = this.#show(this.#run(prepared), prepared);
    this.registerOutputs({ api: this.outputs.api });
  }

  #prepare(transport: MakeGcpTransport | undefined): Prepared {
    const [name, plan, within] = [this.#name, this.#plan, { parent: this }];
    const network = new GcpNetwork(`${name}-network`, plan, within);
    const accounts = new GcpAccounts(`${name}-accounts`, plan, within);
    const keys = new GcpKeys(`${name}-keys`, plan, within);
    const database = new GcpDatabase(`${name}-database`, plan, { network, keys, accounts }, within);
    const secrets = new GcpSecrets(`${name}-secrets`, plan, keys, within).parts;
    const topics = new GcpTopics(`${name}-topics`, plan, keys, within).topics;
    const grants = new GcpGrants(`${name}-grants`, plan, { accounts, keys, secrets, topics }, within);
    const channels = new GcpChannels(`${name}-watch-channels`, plan, within);
    return { network, accounts, keys, database, secrets, topics, grants, channels, transport };
  }

  #run(prepared: Prepared): Running {
    const { runtime } = this.#plan.blueprint.settings.shape;
    switch (runtime) {
      case "serverless":
        return runServerless(this.#name, this.#plan, prepared, { parent: this });
      case "containers":
        return runContainers(this.#name, this.#plan, prepared, { parent: this });
    }
  }

  #show(running: Running, { network, database, topics, channels }: Prepared): PlatformOutputs {
    const within = { parent: this };
    const plan = this.#plan;
    const { settings, defaults, queues } = plan.blueprint;
    const { api, releases } = running;
    const { domain, zone } = settings;
    const named = domain !== undefined && zone !== undefined;
    const console =
      named && plan.own.console ? new GcpConsole(`${this.#name}-console`, plan, domain, within) : undefined;
    if (named) {
      const armor = defaults.firewall ? new GcpArmor(`${this.#name}-armor`, plan, within) : undefined;
      new GcpEdge(`${this.#name}-edge`, plan, { domain, zone, api, armor, console }, within);
    }
    const url = domain === undefined ? api.uri : output(`https://${domain}`);
    const host = url.apply((text) => new URL(text).host);
    const watch = new GcpWatch(`${this.#name}-watch`, plan, { running, database, network, host, channels }, within);
    return {
      api: url,
      ...(console !== undefined && domain !== undefined && { console: output(`https://${consoleDomainOf(domain)}`) }),
      queues: Object.fromEntries(queues.map(({ name }) => [name, topicOf(topics, name).id] as const)),
      releases: output(releases),
      dashboards: watch.dashboards,
      databaseRoles: database.roles(),
    };
  }
}
