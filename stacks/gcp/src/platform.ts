import { ComponentResource, type ComponentResourceOptions, type Output, output } from "@pulumi/pulumi";
import type { PlatformOutputs, QueueName, ReleaseTarget, Workload } from "@punctual/stack-blueprint";
import { GcpAccounts } from "./accounts.js";
import { GcpArmor } from "./armor.js";
import { bindingsOf, type Ground } from "./bindings.js";
import { GcpConsole } from "./console.js";
import { GcpDatabase } from "./database.js";
import { workloadsOn } from "./differences.js";
import { consoleDomainOf, GcpEdge } from "./edge.js";
import { GcpGrants } from "./grants.js";
import { GcpInvokers } from "./invokers.js";
import { GcpKeys } from "./keys.js";
import { GcpMigration } from "./migration.js";
import { GcpNetwork } from "./network.js";
import type { Plan, Topics } from "./parts.js";
import { GcpSecrets } from "./secrets.js";
import { GcpService } from "./service.js";
import { type ServiceName, SERVICES } from "./settings.js";
import { GcpSubscriptions } from "./subscriptions.js";
import { GcpTick } from "./tick.js";
import { GcpTopics, topicOf } from "./topics.js";
import { GcpWatch } from "./watch/watch.js";

interface ShowDeps {
  readonly network: GcpNetwork;
  readonly database: GcpDatabase;
  readonly topics: Topics;
}

type ServiceWorkload = Workload & { readonly name: ServiceName };

/** Punctual on Google Cloud. */
export class GcpPlatform extends ComponentResource {
  readonly outputs: PlatformOutputs;
  readonly #name: string;
  readonly #plan: Plan;

  constructor(name: string, plan: Plan, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Platform", name, {}, opts);
    this.#name = name;
    this.#plan = plan;
    const within = { parent: this };
    const network = new GcpNetwork(`${name}-network`, plan, within);
    const accounts = new GcpAccounts(`${name}-accounts`, plan, within);
    const keys = new GcpKeys(`${name}-keys`, plan, within);
    const database = new GcpDatabase(`${name}-database`, plan, { network, keys, accounts }, within);
    const secrets = new GcpSecrets(`${name}-secrets`, plan, keys, within).parts;
    const topics = new GcpTopics(`${name}-topics`, plan, keys, within).topics;
    const grants = new GcpGrants(`${name}-grants`, plan, { accounts, keys, secrets, topics }, within);
    const ground: Ground = { accounts, database, keys, secrets };
    const made = this.#run(network, ground, grants);
    this.#call(made.services, ground, topics);
    this.outputs = this.#show(made, { network, database, topics });
    this.registerOutputs({ api: this.outputs.api });
  }

  #run(network: GcpNetwork, ground: Ground, grants: GcpGrants) {
    const workloads = workloadsOn(this.#plan.blueprint);
    const within = { parent: this };
    const { accounts } = ground;
    const depsOf = (workload: Workload) => ({
      network,
      accounts,
      grants,
      bindings: bindingsOf(workload, this.#plan, ground),
    });
    const services = workloads
      .filter(isService)
      .map((one) => new GcpService(`${this.#name}-${one.name}`, this.#plan, one, depsOf(one), within));
    const migrate = one(workloads, "migrate");
    const migration = new GcpMigration(`${this.#name}-migrate`, this.#plan, migrate, depsOf(migrate), within);
    new GcpInvokers(`${this.#name}-invokers`, services, accounts, within);
    return { services, migration };
  }

  #call(services: readonly GcpService[], { accounts, keys }: Ground, topics: Topics): void {
    const within = { parent: this };
    const scheduler = serviceOf(services, "scheduler");
    new GcpTick(`${this.#name}-tick`, this.#plan, { scheduler, accounts }, within);
    if (Object.keys(topics).length === 0) return;
    const pushedTo = Object.fromEntries(
      services.flatMap(({ workload: { trigger }, service }) =>
        trigger.kind === "queue" ? [[trigger.queue, service.uri] as const] : [],
      ),
    ) as Readonly<Partial<Record<QueueName, Output<string>>>>;
    new GcpSubscriptions(`${this.#name}-subscriptions`, this.#plan, { topics, accounts, keys, pushedTo }, within);
  }

  #show(
    { services, migration }: { readonly services: readonly GcpService[]; readonly migration: GcpMigration },
    { network, database, topics }: ShowDeps,
  ): PlatformOutputs {
    const within = { parent: this };
    const plan = this.#plan;
    const { settings, defaults, queues } = plan.blueprint;
    const api = serviceOf(services, "api");
    const { domain, zone } = settings;
    const named = domain !== undefined && zone !== undefined;
    const console = named && plan.own.console ? new GcpConsole(`${this.#name}-console`, plan, within) : undefined;
    if (named) {
      const armor = defaults.firewall ? new GcpArmor(`${this.#name}-armor`, plan, within) : undefined;
      new GcpEdge(`${this.#name}-edge`, plan, { domain, zone, api, armor, console }, within);
    }
    const url = domain === undefined ? api.service.uri : output(`https://${domain}`);
    const host = url.apply((text) => new URL(text).host);
    const watch = new GcpWatch(`${this.#name}-watch`, plan, { services, migration, database, network, host }, within);
    return {
      api: url,
      ...(console !== undefined && domain !== undefined && { console: output(`https://${consoleDomainOf(domain)}`) }),
      queues: Object.fromEntries(queues.map(({ name }) => [name, topicOf(topics, name).id] as const)),
      releases: releasesOf(plan, services),
      dashboards: watch.dashboards,
      databaseRoles: database.roles(),
    };
  }
}

function isService(workload: Workload): workload is ServiceWorkload {
  return SERVICES.some((name) => name === workload.name);
}

function one(workloads: readonly Workload[], name: Workload["name"]): Workload {
  const found = workloads.find((workload) => workload.name === name);
  if (found === undefined) throw new RangeError(`there is no ${name}`);
  return found;
}

function serviceOf(services: readonly GcpService[], name: ServiceName): GcpService {
  const found = services.find(({ serviceName }) => serviceName === name);
  if (found === undefined) throw new RangeError(`there is no service ${name}`);
  return found;
}

function releasesOf({ own }: Plan, services: readonly GcpService[]): Output<readonly ReleaseTarget[]> {
  const targets = services.map(({ serviceName, physicalName, revision }): ReleaseTarget => ({
    workload: serviceName,
    kind: "cloud-run",
    project: own.project,
    location: own.region,
    service: physicalName,
    revision,
  }));
  return output(targets);
}
