import { ComponentResource, type ComponentResourceOptions, output } from "@pulumi/pulumi";
import type { PlatformOutputs } from "@punctual/stack-blueprint";
import { AwsRestApi } from "./api/rest-api.js";
import { AwsBackups } from "./backups.js";
import { AwsDatabase } from "./database.js";
import { AwsConsole } from "./edge/console.js";
import { AwsFirewall } from "./edge/firewall.js";
import { AwsFunctions } from "./functions.js";
import { AwsKeys } from "./keys.js";
import { AwsNetwork } from "./network.js";
import type { FrontDoor, Functions, Plan, Queues } from "./parts.js";
import type { AwsProviders } from "./providers.js";
import { AwsQueues } from "./queues.js";
import { AwsRelease } from "./release/release.js";
import { AwsSecrets } from "./secrets.js";
import { AwsWatch } from "./watch/watch.js";

export interface AwsPlatformArgs extends Plan {
  readonly providers: AwsProviders;
}

/**
 * Punctual on AWS, whole: network, keys, database, queues, functions, and all that is before and around them. Another program
 * makes it as this one does:
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
  readonly functions: Functions;
  readonly frontDoor: FrontDoor;
  readonly outputs: PlatformOutputs;

  constructor(name: string, { providers, ...plan }: AwsPlatformArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Platform", name, {}, { ...opts, providers: [providers.here, providers.random] });
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
    const ground = { keys, network, secrets, database, queues };
    const functions = new AwsFunctions(`${name}-functions`, { ...plan, ...ground }, child).parts;
    const { frontDoor, pages } = this.#open(name, plan, { keys, functions, providers });
    const seen = { plan, functions, queues, database, network, frontDoor };
    const watch = new AwsWatch(`${name}-watch`, { ...seen, keys: keys.atRest }, child);
    const { alerts } = watch.notifications;
    const release = new AwsRelease(`${name}-release`, { plan, functions, alerts }, child);

    this.keys = keys;
    this.network = network;
    this.secrets = secrets;
    this.database = database;
    this.queues = queues;
    this.functions = functions;
    this.frontDoor = frontDoor;
    this.outputs = {
      api: frontDoor.url,
      ...(pages !== undefined && { console: pages.url }),
      queues: Object.fromEntries(Object.entries(queues).map(([queue, part]) => [queue, part.queue.url])),
      releases: output(release.targets),
      dashboards: watch.dashboards,
    };
    this.registerOutputs({ api: this.outputs.api, queues: this.outputs.queues });
  }

  /** What people reach: the API, and the pages of a console. */
  #open(
    name: string,
    plan: Plan,
    {
      keys,
      functions,
      providers,
    }: { readonly keys: AwsKeys; readonly functions: Functions; readonly providers: AwsProviders },
  ): { readonly frontDoor: FrontDoor; readonly pages: AwsConsole | undefined } {
    const child = { parent: this };
    const { api, authorizer } = functions;
    if (api === undefined || authorizer === undefined)
      throw new RangeError("Nobody answers, or nobody looks at tokens");
    const frontDoor = new AwsRestApi(`${name}-api`, { plan, api, authorizer, keys: keys.atRest }, child);
    if (plan.blueprint.defaults.firewall) {
      const before = { resource: frontDoor.stageArn };
      new AwsFirewall(`${name}-firewall`, { plan, before, key: keys.atRest.logs }, child);
    }
    const pages = plan.own.console
      ? new AwsConsole(`${name}-console`, { plan, api: frontDoor.url, global: providers.edge }, child)
      : undefined;
    return { frontDoor, pages };
  }
}
