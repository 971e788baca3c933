import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import type { ReleaseTarget, Workload, WorkloadName } from "@punctual/stack-blueprint";
import { accessOf, ingressOf } from "../access.js";
import type { Plan } from "../parts.js";
import { revisionOf } from "../revision.js";
import { splitsOf, trafficOf } from "../traffic.js";
import { ALIVE, API_IDLES, collectorsOf, limitsOf, PORT, programOf, STARTED } from "./container.js";
import type { ContainersArgs } from "./parts.js";
import { sizesOf } from "./sizes.js";

type Template = gcp.types.input.cloudrunv2.ServiceTemplate;
type PoolTemplate = gcp.types.input.cloudrunv2.WorkerPoolTemplate;

/**
 * The runtime `containers` on Google Cloud: the API as a service of Cloud Run, workers as a pool, and a job that migrates.
 *
 * A pool of workers has as many instances as it is told: Cloud Run scales services by requests and processors, and pools not at
 * all. One worker delivers thousands of events a second, so the number is set by what must survive the loss of an instance, and
 * the objective `oldest-due` tells when it is too small. Who wants it to follow the age of what is due runs an autoscaler for
 * external metrics beside it (Google's CREMA, made of KEDA, asks Cloud Monitoring for `punctual_oldest_due_age_seconds` and sets
 * the number); it is another service to run, and not part of this.
 */
export class GcpContainers extends ComponentResource {
  readonly api: gcp.cloudrunv2.Service;
  readonly worker: gcp.cloudrunv2.WorkerPool;
  readonly migrate: gcp.cloudrunv2.Job;
  readonly releases: readonly ReleaseTarget[];
  readonly #revisions: { readonly api: Output<string>; readonly worker: Output<string> };

  constructor(name: string, args: ContainersArgs, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Containers", name, {}, opts);
    const { own, blueprint } = args;
    const templates = { api: apiTemplateOf(args), worker: workerTemplateOf(args) };
    this.#revisions = {
      api: revisionOf(blueprint.names.of("api"), templates.api),
      worker: revisionOf(blueprint.names.of("worker"), templates.worker),
    };
    this.migrate = this.#migrate(`${name}-migrate`, args);
    this.api = this.#api(`${name}-api`, args, templates.api);
    this.worker = this.#worker(`${name}-worker`, args, templates.worker);
    const where = { location: own.region, project: own.project };
    const { api, worker } = this.#revisions;
    this.releases = [
      { workload: "worker", kind: "cloud-run-pool", pool: this.worker.name, revision: worker, ...where },
      { workload: "api", kind: "cloud-run", service: this.api.name, revision: api, ...where },
    ];
    this.registerOutputs({ api: this.api.uri });
  }

  #api(name: string, args: ContainersArgs, template: Template): gcp.cloudrunv2.Service {
    const { blueprint, own } = args;
    const service = new gcp.cloudrunv2.Service(
      `${name}-service`,
      {
        name: blueprint.names.of("api"),
        location: own.region,
        ingress: ingressOf(args, workloadOf(args, "api")),
        deletionProtection: blueprint.defaults.precious,
        template: { ...template, revision: this.#revisions.api },
        traffics: this.#revisions.api.apply((revision) => trafficOf(revision, own.traffic.api)),
      },
      { parent: this, dependsOn: [this.migrate] },
    );
    // Tokens of ours are in the header that Cloud Run's own check wants to read.
    new gcp.cloudrunv2.ServiceIamMember(
      `${name}-public`,
      { name: service.name, location: service.location, role: "roles/run.invoker", member: "allUsers" },
      { parent: this },
    );
    return service;
  }

  #worker(name: string, args: ContainersArgs, template: PoolTemplate): gcp.cloudrunv2.WorkerPool {
    const { blueprint, own } = args;
    const { settings, defaults, names } = blueprint;
    return new gcp.cloudrunv2.WorkerPool(
      `${name}-pool`,
      {
        name: names.of("worker"),
        location: own.region,
        deletionProtection: defaults.precious,
        scaling: { scalingMode: "MANUAL", manualInstanceCount: sizesOf(own, settings.environment).workers },
        template: { ...template, revision: this.#revisions.worker },
        instanceSplits: this.#revisions.worker.apply((revision) => splitsOf(revision, own.traffic.worker)),
      },
      { parent: this, dependsOn: [this.migrate] },
    );
  }

  #migrate(name: string, args: ContainersArgs): gcp.cloudrunv2.Job {
    const { blueprint, own, accounts, network, after } = args;
    const workload = workloadOf(args, "migrate");
    return new gcp.cloudrunv2.Job(
      `${name}-job`,
      {
        name: blueprint.names.of("migrate"),
        location: own.region,
        deletionProtection: false,
        // It runs once for each image, and is made when that has ended: the program does not start on tables it does not know.
        ...(own.started && { runExecutionToken: tokenOf(own.image) }),
        template: {
          taskCount: 1,
          template: {
            serviceAccount: accounts.migrate,
            timeout: `${String(workload.timeoutSeconds)}s`,
            maxRetries: 0,
            executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
            vpcAccess: accessOf(args, workload, network),
            containers: [
              {
                ...programOf(workload, args),
                commands: ["node", "--enable-source-maps"],
                args: ["apps/cli/bin/punctual.js", "migrate", "up"],
                resources: { limits: limitsOf(workload) },
              },
            ],
          },
        },
      },
      { parent: this, dependsOn: [...after] },
    );
  }
}

function apiTemplateOf(args: ContainersArgs): Template {
  const { blueprint, own, accounts, network } = args;
  const workload = workloadOf(args, "api");
  const { least, most } = sizesOf(own, blueprint.settings.environment).api;
  return {
    serviceAccount: accounts.api,
    executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
    timeout: `${String(STREAM_SECONDS)}s`,
    maxInstanceRequestConcurrency: 80,
    // An instance that cannot log in yet would never be healthy, and its service never made.
    ...(!own.started && { healthCheckDisabled: true }),
    scaling: { minInstanceCount: least, maxInstanceCount: most },
    vpcAccess: accessOf(args, workload, network),
    containers: [
      {
        ...programOf(workload, args),
        ports: { containerPort: PORT },
        resources: { cpuIdle: API_IDLES, startupCpuBoost: true, limits: limitsOf(workload, args) },
        startupProbe: STARTED,
        livenessProbe: ALIVE,
      },
      ...collectorsOf("api", args),
    ],
  };
}

function workerTemplateOf(args: ContainersArgs): PoolTemplate {
  const workload = workloadOf(args, "worker");
  return {
    serviceAccount: args.accounts.worker,
    vpcAccess: accessOf(args, workload, args.network),
    containers: [
      {
        ...programOf(workload, args),
        resources: { limits: limitsOf(workload, args) },
        startupProbe: STARTED,
        livenessProbe: ALIVE,
      },
      ...collectorsOf("worker", args),
    ],
  };
}

/** A stream ends with it, and whoever follows comes back. */
const STREAM_SECONDS = 300;

/** An image is known by its digest; the name of an execution is short. */
function tokenOf(image: string): string {
  return `i${image.split("@sha256:")[1]?.slice(0, 12) ?? ""}`;
}

export function workloadOf({ blueprint }: Plan, name: WorkloadName): Workload {
  const found = blueprint.workloads.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`The blueprint has no ${name}`);
  return found;
}
