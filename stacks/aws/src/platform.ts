import { ComponentResource, type ComponentResourceOptions, type Input, type Output, output } from "@pulumi/pulumi";
import type { PlatformOutputs, ReleaseTarget } from "@punctual/stack-blueprint";
import { AwsRestApi } from "./api/rest-api.js";
import { AwsBackups } from "./backups.js";
import { bounded } from "./bounded.js";
import { AwsContainers } from "./containers/index.js";
import { zoneOf } from "./containers/told.js";
import { AwsDatabase } from "./database.js";
import { rolesFor } from "./database-users.js";
import { AwsConsole } from "./edge/console.js";
import { AwsFirewall } from "./edge/firewall.js";
import { AwsFunctions } from "./functions.js";
import { AwsKeys } from "./keys.js";
import { AwsNetwork } from "./network.js";
import type { FrontDoor, Functions, Plan, Queues, Services } from "./parts.js";
import type { AwsProviders } from "./providers.js";
import { AwsQueues } from "./queues.js";
import { AwsRelease } from "./release/release.js";
import { AwsSecrets } from "./secrets.js";
import type { AwsTransportPart, MakeAwsTransport } from "./transport.js";
import { Notifications } from "./watch/notifications.js";
import { AwsWatch } from "./watch/watch.js";

export interface AwsPlatformArgs extends Plan {
  readonly providers: AwsProviders;
  /** What makes the transport that the settings name, where they name one: `loadTransport` finds it. */
  readonly transport?: MakeAwsTransport | undefined;
}

/** What is there before anything runs. */
interface Ground {
  readonly keys: AwsKeys;
  readonly network: AwsNetwork;
  readonly secrets: AwsSecrets;
  readonly database: AwsDatabase;
  readonly queues: Queues;
  readonly notifications: Notifications;
  readonly transport: MakeAwsTransport | undefined;
}

/** What runs, whatever it runs on. */
interface Running {
  readonly functions: Functions;
  readonly services: Services;
  readonly frontDoor: FrontDoor;
  /** What a firewall stands before. */
  readonly opened: Input<string>;
  readonly releases: readonly ReleaseTarget[];
  readonly migration?: Output<Readonly<Record<string, string>>>;
}

/**
 * Punctual on AWS, whole: network, keys, database, queues, functions or containers, and all that is before and around them.
 * Another program makes it as this one does:
 *
 *     const plan = { blueprint: blueprintOf("punctual", "aws", settings), own };
 *     const { outputs } = new AwsPlatform("punctual-dev", { ...plan, providers: providersOf(plan) });
 *
 * What people and CloudWatch see is named by the blueprint, whatever the component is called. The settings of its own are not
 * looked at again here: `objectionsToAws` says what is wrong with them.
 */
export class AwsPlatform extends ComponentResource {
  readonly keys: AwsKeys;
  readonly network: AwsNetwork;
  readonly secrets: AwsSecrets;
  readonly database: AwsDatabase;
  readonly queues: Queues;
  /** None where it runs in containers. */
  readonly functions: Functions;
  /** None where it runs as functions. */
  readonly services: Services;
  readonly frontDoor: FrontDoor;
  readonly outputs: PlatformOutputs;

  constructor(name: string, { providers, transport, ...plan }: AwsPlatformArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Platform", name, {}, { ...bounded(plan, opts), providers: [providers.here, providers.random] });
    const child = { parent: this };
    const keys = new AwsKeys(`${name}-keys`, plan, child);
    const sealed = { ...plan, keys: keys.atRest };
    const network = new AwsNetwork(`${name}-network`, sealed, child);
    const secrets = new AwsSecrets(`${name}-secrets`, sealed, child);
    const database = new AwsDatabase(`${name}-database`, { ...sealed, network }, child);
    if (providers.backups !== undefined && plan.own.backupRegion !== undefined) {
      const elsewhere = { region: plan.own.backupRegion, provider: providers.backups };
      new AwsBackups(`${name}-backups`, { ...sealed, instance: database.instance, elsewhere }, child);
    }
    const queues = new AwsQueues(`${name}-queues`, sealed, child).parts;
    const notifications = new Notifications(`${name}-notifications`, { plan, keys: keys.atRest }, child);
    const ground = { keys, network, secrets, database, queues, notifications, transport };
    const { functions, services, frontDoor, opened, releases, migration } = this.#run(name, plan, ground);
    if (plan.blueprint.defaults.firewall) {
      const before = { resource: opened };
      new AwsFirewall(`${name}-firewall`, { plan, before, key: keys.atRest.logs }, child);
    }
    const pages = plan.own.console
      ? new AwsConsole(`${name}-console`, { plan, api: frontDoor.url, global: providers.edge }, child)
      : undefined;
    const seen = { plan, functions, services, queues, database, network, frontDoor };
    const watch = new AwsWatch(`${name}-watch`, { ...seen, notifications }, child);

    this.keys = keys;
    this.network = network;
    this.secrets = secrets;
    this.database = database;
    this.queues = queues;
    this.functions = functions;
    this.services = services;
    this.frontDoor = frontDoor;
    this.outputs = {
      api: frontDoor.url,
      ...(pages !== undefined && { console: pages.url }),
      queues: Object.fromEntries(Object.entries(queues).map(([queue, part]) => [queue, part.queue.url])),
      releases: output(releases),
      dashboards: watch.dashboards,
      ...(migration !== undefined && { migration }),
      ...(database.proxyName === undefined && { databaseRoles: output(rolesFor(plan.blueprint.workloads)) }),
    };
    this.registerOutputs({ api: this.outputs.api, queues: this.outputs.queues });
  }

  #run(name: string, plan: Plan, ground: Ground): Running {
    switch (plan.blueprint.settings.shape.runtime) {
      case "serverless":
        return this.#asFunctions(name, plan, ground);
      case "containers":
        return this.#inContainers(name, plan, ground);
    }
  }

  #asFunctions(name: string, plan: Plan, ground: Ground): Running {
    const child = { parent: this };
    const { keys, notifications } = ground;
    const functions = new AwsFunctions(`${name}-functions`, { ...plan, ...ground }, child).parts;
    const { api, authorizer } = functions;
    if (api === undefined || authorizer === undefined)
      throw new RangeError("Nobody answers, or nobody looks at tokens");
    const frontDoor = new AwsRestApi(`${name}-api`, { plan, api, authorizer, keys: keys.atRest }, child);
    const { alerts } = notifications;
    const { targets } = new AwsRelease(`${name}-release`, { plan, functions, alerts }, child);
    return { functions, services: {}, frontDoor, opened: frontDoor.stageArn, releases: targets };
  }

  #inContainers(name: string, plan: Plan, ground: Ground): Running {
    const { keys, network, secrets, database, notifications } = ground;
    const { parts, frontDoor, loadBalancer, releases, migration } = new AwsContainers(
      `${name}-containers`,
      {
        ...{ ...plan, network, database },
        keys: keys.atRest,
        secrets: secrets.arns,
        transport: this.#transport(`${name}-transport`, plan, ground),
        zoneId: zoneOf(plan.blueprint),
        alarmTopic: notifications.alerts.arn,
      },
      { parent: this },
    );
    return {
      ...{ functions: {}, services: parts, frontDoor, releases },
      ...{
        opened: loadBalancer.arn,
        migration: output({ ...migration }).apply((known): Readonly<Record<string, string>> => known),
      },
    };
  }

  #transport(
    name: string,
    plan: Plan,
    { keys, network, notifications, transport }: Ground,
  ): AwsTransportPart | undefined {
    const { transport: named } = plan.blueprint.settings;
    if (named !== undefined && transport === undefined) throw new RangeError(`Nothing makes the transport ${named}`);
    const ground = { ...plan, network, keys: keys.atRest, alarms: notifications.alerts.arn };
    return transport?.(name, ground, { parent: this });
  }
}
