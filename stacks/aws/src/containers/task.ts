import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input, jsonStringify } from "@pulumi/pulumi";
import { transportBindings, type Workload } from "@punctual/stack-blueprint";
import { logGroup } from "../log-group.js";
import type { Database, Keys, Plan } from "../parts.js";
import { collectorConfig } from "./collector.js";
import { type Container, HARDENED, HEALTH_CHECK, logsOf, logsTo, LONGEST_NAME, named, PORT } from "./container.js";
import { DRAIN_SECONDS, environmentOf, type Secrets, secretsOf } from "./environment.js";
import type { AwsTransportPart } from "../transport.js";
import { imagesOf } from "./told.js";
import { permit, roleFor, toRun, toStart } from "./permissions.js";
import { COLLECTOR_MB, memoryOf, type Size, SIZES } from "./sizes.js";

export interface TaskArgs extends Plan {
  readonly workload: Workload;
  readonly database: Pick<Database, "loginOf">;
  readonly keys: Keys;
  readonly secrets: Secrets;
  /** What it carries messages by. */
  readonly transport?: AwsTransportPart | undefined;
  /** Where metrics of services go, by way of a log. */
  readonly metrics: aws.cloudwatch.LogGroup;
}

/** One workload as a task: the image of the program, what it is told and may do, and a collector beside it where it runs on. */
export class ContainerTask extends ComponentResource {
  readonly definition: aws.ecs.TaskDefinition;
  readonly role: aws.iam.Role;
  readonly executionRole: aws.iam.Role;
  readonly logGroup: aws.cloudwatch.LogGroup;

  constructor(name: string, args: TaskArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:ContainerTask", name, {}, opts);
    const { blueprint, own, workload, database, keys, secrets, transport, metrics } = args;
    const images = imagesOf(own);
    const login = database.loginOf(workload);
    const service = workload.name === "api" || workload.name === "worker" ? workload.name : undefined;
    const physicalName = blueprint.names.of(workload.name, LONGEST_NAME);
    const held = { ...secretsOf(workload, secrets), ...transport?.secrets };

    this.logGroup = logGroup(`${name}-logs`, {
      parent: this,
      plan: args,
      keys,
      physicalName: logsOf(blueprint.names, workload.name),
    });
    this.executionRole = roleFor(`${name}-start`, "ecs-tasks.amazonaws.com", own, this);
    const started = permit(
      `${name}-start`,
      this.executionRole,
      toStart({
        own,
        images: service === undefined ? [images.punctual] : Object.values(images),
        logGroup: this.logGroup,
        secrets: Object.values(held),
        secretsKey: keys.secrets.arn,
      }),
      this,
    );
    this.role = roleFor(`${name}-run`, "ecs-tasks.amazonaws.com", own, this);
    const runs = permit(
      `${name}-run`,
      this.role,
      toRun({ login: login.arn, metrics: service === undefined ? undefined : metrics }),
      this,
    );

    const size = service === undefined ? MIGRATING : SIZES[blueprint.settings.environment][service];
    const { cpu, memoryMb = workload.memoryMb } = size;
    const logs = (prefix: string) => logsTo(this.logGroup.name, own.region, prefix);
    const program: Container = {
      ...HARDENED,
      name: workload.name,
      image: images.punctual,
      essential: true,
      user: NODE,
      memory: memoryMb,
      environment: named(
        {
          ...environmentOf(workload, blueprint, { databaseUrl: login.url, region: own.region }),
          ...(transport !== undefined && transportBindings(blueprint.settings, transport)),
        },
        "value",
      ),
      secrets: named(held, "valueFrom"),
      logConfiguration: logs(workload.name),
      ...(service === undefined
        ? { ...MIGRATES, portMappings: [], stopTimeout: LONGEST_STOP }
        : {
            portMappings: [{ containerPort: PORT, protocol: "tcp" }],
            healthCheck: HEALTH_CHECK,
            dependsOn: [{ containerName: COLLECTOR, condition: "START" }],
            stopTimeout: DRAIN_SECONDS[service] + 5,
          }),
    };
    const containers =
      service === undefined
        ? [program]
        : [program, collectorOf(images.collector, args, { service: physicalName, logs: logs(COLLECTOR) })];
    const needed = memoryMb + (service === undefined ? 0 : COLLECTOR_MB);
    this.definition = new aws.ecs.TaskDefinition(
      `${name}-task`,
      {
        family: physicalName,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
        cpu: String(cpu),
        memory: String(memoryOf(cpu, needed)),
        executionRoleArn: this.executionRole.arn,
        taskRoleArn: this.role.arn,
        containerDefinitions: jsonStringify(containers),
        // The one before is what a release goes back to: ECS takes none that is deregistered.
        skipDestroy: true,
      },
      { parent: this, dependsOn: [started, runs] },
    );
    this.registerOutputs({ definition: this.definition.arn });
  }
}

/** The user `node` of the image. */
const NODE = "65532:65532";
const NOBODY = "65534:65534";
/** ECS waits no longer. */
const LONGEST_STOP = 120;
const COLLECTOR = "collector";

const MIGRATING: Pick<Size, "cpu" | "memoryMb"> = { cpu: 256 };
const MIGRATES = {
  entryPoint: ["node", "--enable-source-maps"],
  command: ["apps/cli/bin/punctual.js", "migrate", "up"],
};

interface CollectorPlace {
  readonly service: string;
  readonly logs: object;
}

/** Where it fails, work goes on, and it is started anew. */
function collectorOf(
  image: string,
  { blueprint, own, metrics }: TaskArgs,
  { service, logs }: CollectorPlace,
): Container {
  const config: Input<string> = jsonStringify(
    collectorConfig({
      region: own.region,
      logGroup: metrics.name,
      service,
      sampledPercent: blueprint.settings.environment === "dev" ? 100 : 5,
    }),
  );
  return {
    ...HARDENED,
    name: COLLECTOR,
    image,
    essential: false,
    user: NOBODY,
    memory: COLLECTOR_MB,
    command: ["--config=env:COLLECTOR_CONFIG"],
    environment: [{ name: "COLLECTOR_CONFIG", value: config }],
    secrets: [],
    portMappings: [],
    restartPolicy: { enabled: true, restartAttemptPeriod: 60 },
    stopTimeout: LONGEST_STOP,
    logConfiguration: logs,
  };
}
